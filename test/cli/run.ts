import { Writable } from 'node:stream';
import type { ExitCode } from '../../apps/cli/exit-code.ts';
import { runProgram } from '../../apps/cli/program.ts';
import type { Stream } from '../../apps/cli/terminal/terminal.ts';

export interface Ran {
  code: ExitCode;
  stdout: string;
  stderr: string;
}

/** Runs a command line in this process, as if nothing of it were a terminal. */
export async function run(words: string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> {
  const stdout = gather();
  const stderr = gather();
  const code = await runProgram(words, { stdout, stderr, env });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

/** A stream that keeps what is written to it. */
export function gather(terminal: { isTTY?: boolean; columns?: number } = {}): Stream & {
  text(): string;
} {
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  return Object.assign(stream, { ...terminal, text: () => text });
}
