import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { GofleetError } from '#errors';

export type Environment = Record<string, string | undefined>;

export interface RunOptions {
  cwd: string;
  env: Environment;
  signal?: AbortSignal | undefined;
}

export interface RunResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end, whatever its exit code. Throws `missing_tool` where there is none. */
export async function run(
  program: string,
  args: readonly string[],
  { cwd, env, signal }: RunOptions,
): Promise<RunResult> {
  const child = spawn(program, args, { cwd, env, signal, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  try {
    const [code, stdout, stderr] = await Promise.all([
      ended,
      text(child.stdout),
      text(child.stderr),
    ]);
    return { code, stdout, stderr };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw missing(program);
    throw error;
  }
}

function missing(program: string): GofleetError {
  return new GofleetError('missing_tool', `there is no program ${program} here`, {
    remedy: `Install ${program} or put it into PATH, and build again.`,
  });
}
