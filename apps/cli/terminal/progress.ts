import { formatBytes } from '#units';
import type { Terminal } from './terminal.ts';

/** A line that is written over again and again while something long goes on. */
export interface Progress {
  /** What goes on; with `total`, how much of it is done. */
  show(what: string, done?: number, total?: number): void;
  /** Something worth keeping, above the line. */
  note(text: string): void;
  /** Takes the line away. */
  end(): void;
}

type Format = (amount: number) => string;

export interface ProgressOptions {
  now?: () => number;
  /** Bytes unless said otherwise. */
  format?: Format;
}

const INTERVAL = 100;
const CLEAR = '\r\u001B[2K';
const BAR = 24;

/** On a terminal a line with a bar; elsewhere each new `what` is one line, so that a log tells the story. */
export function openProgress(
  terminal: Terminal,
  { now = Date.now, format = formatBytes }: ProgressOptions = {},
): Progress {
  return terminal.live ? liveLine(terminal, now, format) : plainLines(terminal);
}

function liveLine(terminal: Terminal, now: () => number, format: Format): Progress {
  let drawn = Number.NEGATIVE_INFINITY;
  let last = '';
  return {
    show(what, done, total) {
      const fresh = what !== last;
      if (!fresh && done !== total && now() - drawn < INTERVAL) return;
      drawn = now();
      last = what;
      terminal.rewrite(
        `${CLEAR}${cut(progressText(what, done, total, format), terminal.columns ?? 100)}`,
      );
    },
    note(text) {
      terminal.rewrite(CLEAR);
      terminal.err(text);
    },
    end: () => terminal.rewrite(CLEAR),
  };
}

function plainLines(terminal: Terminal): Progress {
  let last = '';
  return {
    show(what) {
      if (what !== last && !terminal.json) terminal.err(what);
      last = what;
    },
    note: (text) => terminal.err(text),
    end: () => undefined,
  };
}

/** `[######······] 42 %  29.4 MB of 70.0 MB  toolchain go1.21.5 linux/amd64` */
export function progressText(
  what: string,
  done?: number,
  total?: number,
  format: Format = formatBytes,
): string {
  if (done === undefined) return what;
  if (!total) return `${what}  ${format(done)}`;
  const share = Math.min(1, done / total);
  const full = Math.floor(share * BAR);
  const bar = `[${'#'.repeat(full)}${'·'.repeat(BAR - full)}]`;
  const percent = `${Math.floor(share * 100)} %`.padStart(5);
  return `${bar} ${percent}  ${format(done)} of ${format(total)}  ${what}`;
}

function cut(text: string, columns: number): string {
  return text.length < columns ? text : `${text.slice(0, columns - 2)}…`;
}
