import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Makes an Ed25519 pair, `file` and `file.pub`, unless it is there; answers `ssh-ed25519 AAAA…`. */
export async function makeKey(file: string, comment: string): Promise<string> {
  const there = await readFile(`${file}.pub`, 'utf8').catch(() => undefined);
  if (!there)
    await execute('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', file]);
  const text = there ?? (await readFile(`${file}.pub`, 'utf8'));
  return text.split(' ').slice(0, 2).join(' ');
}
