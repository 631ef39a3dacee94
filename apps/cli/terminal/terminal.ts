import type { Writable } from 'node:stream';
import picocolors from 'picocolors';

export type Colors = ReturnType<typeof picocolors.createColors>;

/** A stream that may be a terminal. */
export type Stream = Writable & { isTTY?: boolean; columns?: number };

/** Where a command writes: answers to `out`, all that is about the way to them to `err`. */
export interface Terminal {
  /** One answer in JSON instead of text for people. */
  json: boolean;
  /** Somebody looks at `err`: progress lines make sense. */
  live: boolean;
  colors: Colors;
  /** Columns of the terminal behind `err`; undefined where it is none. */
  columns: number | undefined;
  out(text: string): void;
  /** The same without a line feed: for answers that come piece by piece. */
  write(text: string): void;
  err(text: string): void;
  /** Without a line feed: for progress. */
  rewrite(text: string): void;
}

export interface TerminalOptions {
  stdout: Stream;
  stderr: Stream;
  env: NodeJS.ProcessEnv;
  json: boolean;
}

/** Colour and progress only where the stream is a terminal, and colour not against NO_COLOR. */
export function openTerminal({ stdout, stderr, env, json }: TerminalOptions): Terminal {
  const plain = Boolean(env['NO_COLOR']) || env['TERM'] === 'dumb';
  return {
    json,
    live: stderr.isTTY === true && env['TERM'] !== 'dumb',
    colors: picocolors.createColors(stdout.isTTY === true && !plain && !json),
    columns: stderr.isTTY === true ? stderr.columns : undefined,
    out: (text) => void stdout.write(`${text}\n`),
    write: (text) => void stdout.write(text),
    err: (text) => void stderr.write(`${text}\n`),
    rewrite: (text) => void stderr.write(text),
  };
}
