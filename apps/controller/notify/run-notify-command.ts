import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, realpath } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import type { RunNotifyCommand } from '#conductor';
import { GofleetError } from '#errors';

const LONGEST = 30_000;
const MOST_STDERR = 2000;

/** Commands of the notify folder: the notification as JSON on standard input, at most 30 s, exit code 0. */
export function notifyCommands(folder: string): RunNotifyCommand {
  return async (command, notification) => {
    await run(await fileOf(folder, command), JSON.stringify(notification));
  };
}

/** The file of a command, links followed: it has to stay below the folder. */
async function fileOf(folder: string, command: string): Promise<string> {
  const top = await realpath(folder).catch(() => resolve(folder));
  const file = await realpath(join(top, command)).catch(() => undefined);
  if (file === undefined) throw failed(command, 'is not in the notify folder');
  if (!file.startsWith(top + sep)) throw failed(command, 'leads outside the notify folder');
  await access(file, constants.X_OK).catch(() => {
    throw failed(command, 'may not be executed');
  });
  return file;
}

async function run(file: string, input: string): Promise<void> {
  const child = spawn(file, [], {
    stdio: ['pipe', 'ignore', 'pipe'],
    timeout: LONGEST,
    killSignal: 'SIGKILL',
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LANG: 'C.UTF-8' },
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    if (stderr.length < MOST_STDERR) stderr += chunk.toString('utf8');
  });
  // A command that does not read its input is no failure.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const { promise, resolve: done, reject } = Promise.withResolvers<string>();
  child.once('error', reject);
  child.once('close', (code, signal) => done(code === null ? `signal ${signal}` : `code ${code}`));
  const end = await promise;
  if (end !== 'code 0') throw failed(file, `ended with ${end}: ${stderr.trim()}`);
}

function failed(command: string, why: string): GofleetError {
  return new GofleetError('unavailable', `the notify command ${command} ${why}`, {
    remedy: 'Put an executable file of that name into the notify folder; it is tried again.',
  });
}
