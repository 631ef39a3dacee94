import { describe, expect, it } from 'vitest';
import { gather } from '../../../test/cli/run.ts';
import { openProgress, progressText } from './progress.ts';
import { renderTable } from './table.ts';
import { openTerminal } from './terminal.ts';

function terminalOf(isTTY: boolean, env: NodeJS.ProcessEnv = {}, json = false) {
  const stdout = gather({ isTTY, columns: 80 });
  const stderr = gather({ isTTY, columns: 80 });
  return { stdout, stderr, terminal: openTerminal({ stdout, stderr, env, json }) };
}

describe('openTerminal', () => {
  it.each([
    ['a terminal', true, {}, false, true],
    ['a pipe', false, {}, false, false],
    ['a terminal with NO_COLOR', true, { NO_COLOR: '1' }, false, false],
    ['a dumb terminal', true, { TERM: 'dumb' }, false, false],
    ['a terminal that gets JSON', true, {}, true, false],
  ])('to %s', (_, isTTY, env, json, coloured) => {
    const { terminal } = terminalOf(isTTY, env, json);
    expect(terminal.colors.red('x') !== 'x').toBe(coloured);
  });
});

describe('renderTable', () => {
  const columns = [
    { title: 'NAME', cell: (row: [string, number]) => row[0] },
    { title: 'N', cell: (row: [string, number]) => String(row[1]), align: 'right' as const },
  ];

  it('makes each column as wide as its widest cell, colours aside', () => {
    const rows: [string, number][] = [
      ['\u001B[31mred\u001B[39m', 7],
      ['longer', 100],
    ];
    expect(renderTable(rows, columns)).toBe(
      ['NAME      N', '\u001B[31mred\u001B[39m       7', 'longer  100'].join('\n'),
    );
  });

  it('leaves the titles where there is no row', () => {
    expect(renderTable([], columns)).toBe('NAME  N');
  });
});

describe('openProgress', () => {
  it('draws one line over itself on a terminal, not more often than ten times a second', () => {
    const { terminal, stderr, stdout } = terminalOf(true);
    let now = 0;
    const progress = openProgress(terminal, { now: () => now });
    for (let done = 0; done < 100; done += 1) {
      progress.show('hashing', done, 100);
      now += 10;
    }
    progress.show('hashing', 100, 100);
    progress.end();
    expect(stderr.text().split('\r').length - 1).toBe(12);
    expect(stderr.text()).toContain('100 %');
    expect(stderr.text()).not.toContain('\n');
    expect(stdout.text()).toBe('');
  });

  it('writes a line for each thing that goes on elsewhere', () => {
    const { terminal, stderr } = terminalOf(false);
    const progress = openProgress(terminal);
    progress.show('fetching', 1, 2);
    progress.show('fetching', 2, 2);
    progress.show('packing');
    progress.end();
    expect(stderr.text()).toBe('fetching\npacking\n');
  });

  it('says nothing beside an answer in JSON', () => {
    const { terminal, stderr } = terminalOf(false, {}, true);
    openProgress(terminal).show('fetching', 1, 2);
    expect(stderr.text()).toBe('');
  });

  it.each([
    [progressText('packing'), 'packing'],
    [progressText('fetching', 1500), 'fetching  1.5 kB'],
    [
      progressText('fetching', 30, 120),
      '[######··················]  25 %  30 B of 120 B  fetching',
    ],
  ])('%#: %s', (found, expected) => {
    expect(found).toBe(expected);
  });
});
