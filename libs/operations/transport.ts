import type { Command } from './command.ts';

/** The shape of what a host answered and of what went wrong there: one shape for both. */
export interface RemoteResult {
  /** Exit code; undefined when the channel closed with none (a cut, a signal): never a success. */
  code: number | undefined;
  signal: string | undefined;
  stdout: string;
  /** At most the last 64 KiB. */
  stderr: string;
}

/** Bytes that go to the standard input of a command: `read` opens them again for another attempt. */
export interface Payload {
  /** Exactly this many bytes are sent. */
  size: number;
  read(): AsyncIterable<Uint8Array>;
  /** Called with the bytes handed over so far. */
  progress?: (sent: number) => void;
  /**
   * BLAKE2b-512 of the whole blob, in hex, of bytes that have this SHA-256; throws `blob_corrupt` where they have
   * not. A host computes it in a fourth of the time.
   */
  blake2b?: (sha256: string) => Promise<string>;
}

export interface ExecOptions {
  stdin?: Payload | string;
  /** Milliseconds until the command is given up (`timeout`). */
  timeout: number;
  signal?: AbortSignal;
}

/**
 * The one thing that acts on a host. A remote exit code is an answer and is returned; no answer is an error:
 * `cut`, `timeout`, `refused`, `auth`, `host_key_…` (with `retryable`).
 */
export interface Transport extends AsyncDisposable {
  exec(command: Command, options: ExecOptions): Promise<RemoteResult>;
}
