import type { Batch, Rollout } from '#api';
import type { Terminal } from '../terminal/terminal.ts';
import { countsText, headline, reasonText, renderBatches, waitLines } from './render-rollout.ts';

/** The live view of a rollout. */
export interface Picture {
  show(rollout: Rollout): void;
  /** Something worth keeping. */
  note(line: string): void;
  end(): void;
}

const BATCHES = 12;

/** On a terminal a block that is drawn over itself; elsewhere a line whenever a state or a count moved. */
export function openPicture(terminal: Terminal): Picture {
  if (terminal.json) return { show: () => {}, note: () => {}, end: () => {} };
  return terminal.live ? openBlock(terminal) : openLog(terminal);
}

function openBlock(terminal: Terminal): Picture {
  let drawn: string[] = [];
  const wipe = () => {
    if (drawn.length > 0) terminal.rewrite(`\u001B[${drawn.length}A\r\u001B[0J`);
  };
  const draw = (lines: string[]) => {
    wipe();
    drawn = lines;
    if (lines.length > 0) terminal.rewrite(`${lines.join('\n')}\n`);
  };
  return {
    show: (rollout) => draw(blockLines(rollout, terminal)),
    note(line) {
      const lines = drawn;
      draw([]);
      terminal.err(line);
      draw(lines);
    },
    end: () => draw([]),
  };
}

/** A line that wraps would be two: what is wider than the terminal is cut off, colours and all. */
function blockLines(rollout: Rollout, { colors, columns = 120 }: Terminal): string[] {
  const { reason, counts, batches } = rollout;
  const lines = [
    headline(rollout, colors),
    ...(reason ? [reasonText(reason, colors)] : []),
    ...renderBatches(around(batches), colors).split('\n'),
    countsText(counts),
    ...waitLines(rollout),
  ];
  return lines.map((line) => (line.length > columns ? cutLine(line, columns) : line));
}

function cutLine(line: string, columns: number): string {
  // oxlint-disable-next-line no-control-regex -- colours take no columns
  const parts = line.split(/(\u001B\[[0-9;]*m)/);
  let left = columns - 1;
  return parts
    .map((part) => {
      if (part.startsWith('\u001B')) return part;
      const kept = part.slice(0, Math.max(0, left));
      left -= kept.length;
      return kept;
    })
    .join('');
}

/** Of many batches those around the first that is not through. */
function around(batches: Batch[]): Batch[] {
  const at = batches.findIndex(({ state }) => state !== 'passed' && state !== 'skipped');
  const start = Math.max(0, Math.min(at < 0 ? batches.length : at - 3, batches.length - BATCHES));
  return batches.slice(start, start + BATCHES);
}

function openLog(terminal: Terminal): Picture {
  let last = '';
  return {
    show(rollout) {
      const line = logLine(rollout);
      if (line !== last) terminal.err(`${new Date().toISOString().slice(11, 19)} ${line}`);
      last = line;
    },
    note: (line) => terminal.err(line),
    end: () => {},
  };
}

/** `running 42.8 %, batch 2 of 3 running: 350 hosts: 139 succeeded, …` */
export function logLine({
  state,
  percentComplete,
  currentBatch,
  batches,
  counts,
  waits,
}: Rollout): string {
  const batch = batches.find(({ number }) => number === currentBatch);
  const where = batch ? `, batch ${batch.number} of ${batches.length} ${batch.state}` : '';
  const [wait] = waits;
  const until = wait?.until ? ` until ${wait.until}` : '';
  const waiting = wait ? `; waits for ${wait.message}${until}` : '';
  return `${state} ${percentComplete.toFixed(1)} %${where}; ${countsText(counts)}${waiting}`;
}
