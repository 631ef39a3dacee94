import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { batchOf, countsOf, rolloutOf } from '../../../test/cli/rollout.ts';
import { gather } from '../../../test/cli/run.ts';
import { openTerminal } from '../terminal/terminal.ts';
import { logLine, openPicture } from './picture.ts';

function picture(options: { isTTY: boolean; columns?: number; json?: boolean }) {
  const { json = false, ...terminal } = options;
  const stdout = gather(terminal);
  const stderr = gather(terminal);
  return { stderr, picture: openPicture(openTerminal({ stdout, stderr, env: {}, json })) };
}

/** The screen after control sequences for "up n lines and clear below" were obeyed. */
function screen(text: string): string[] {
  let lines: string[] = [];
  // oxlint-disable-next-line no-control-regex -- that is what a terminal is told
  for (const part of text.split(/(\u001B\[\d+A\r\u001B\[0J)/)) {
    // oxlint-disable-next-line no-control-regex -- the same
    const up = /^\u001B\[(\d+)A/.exec(part)?.[1];
    lines =
      up === undefined
        ? [...lines, ...part.split('\n').slice(0, -1)]
        : lines.slice(0, lines.length - Number(up));
  }
  return lines.map((line) => stripVTControlCharacters(line));
}

describe('on a terminal', () => {
  it('is drawn over itself, keeps notes above it and goes away at the end', () => {
    const { picture: shown, stderr } = picture({ isTTY: true, columns: 120 });
    shown.show(rolloutOf({ percentComplete: 10 }));
    shown.note('web07 failed: health');
    shown.show(rolloutOf({ percentComplete: 20 }));
    const lines = screen(stderr.text());
    expect(lines[0]).toBe('web07 failed: health');
    expect(lines[1]).toContain('20.0 %');
    expect(lines.filter((line) => line.includes('build-farm'))).toHaveLength(1);
    shown.end();
    expect(screen(stderr.text())).toEqual(['web07 failed: health']);
  });

  it('has no line that the terminal would wrap', () => {
    const { picture: shown, stderr } = picture({ isTTY: true, columns: 40 });
    shown.show(rolloutOf());
    expect(Math.max(...screen(stderr.text()).map((line) => line.length))).toBeLessThan(40);
  });

  it('shows of many batches those around the one at work', () => {
    const { picture: shown, stderr } = picture({ isTTY: true, columns: 120 });
    const batches = Array.from({ length: 1000 }, (_, index) =>
      batchOf({ number: index + 1, state: index < 500 ? 'passed' : 'pending' }),
    );
    shown.show(rolloutOf({ batches }));
    const numbers = screen(stderr.text()).flatMap((line) => /^ +(\d+) /.exec(line)?.[1] ?? []);
    expect(numbers).toHaveLength(12);
    expect(numbers).toContain('501');
  });
});

it('elsewhere it is a line whenever something moved', () => {
  const { picture: shown, stderr } = picture({ isTTY: false });
  const running = rolloutOf({ state: 'running', currentBatch: 2 });
  shown.show(running);
  shown.show(running);
  shown.show({
    ...running,
    counts: countsOf({ planned: 12, succeeded: 12 }),
    percentComplete: 100,
  });
  const lines = stderr.text().trim().split('\n');
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d running 58.3 %, batch 2 of 3 tripped; 12 hosts: 5/);
});

it('says nothing beside JSON', () => {
  const { picture: shown, stderr } = picture({ isTTY: true, json: true });
  shown.show(rolloutOf());
  shown.note('web07 failed');
  shown.end();
  expect(stderr.text()).toBe('');
});

it('names no batch where none is at work', () => {
  expect(logLine(rolloutOf({ currentBatch: null }))).toMatch(/^paused 58.3 %; 12 hosts/);
});
