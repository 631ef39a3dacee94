import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';
import type { LabMode } from './types.ts';

const execute = promisify(execFile);
const NAME = 'gofleet-lab';

/** Whom the hosts of mode `user` belong to and log in. */
export interface Account {
  name: string;
  uid: number;
  gid: number;
}

/**
 * The user who runs the lab. Root gets an account of its own for it: hosts of root would be this very
 * machine, and what is installed on them would end up in its /usr/local.
 */
export async function hostAccount(mode: LabMode): Promise<Account> {
  const { username, uid, gid } = userInfo();
  if (uid !== 0 || mode === 'root') return { name: username, uid, gid };
  const there = readAccount();
  if (there) return there;
  const options = ['--system', '--user-group', '--shell', '/bin/sh', '--home-dir', '/'];
  await execute('useradd', [...options, '--password', '*', NAME]).catch((error: unknown) => {
    // Another lab may have made it just now.
    if (!readAccount()) throw error;
  });
  const made = readAccount();
  if (!made) throw new Error(`the account ${NAME} could not be made; add it with useradd`);
  return made;
}

/** Takes away the account that `hostAccount` may have made. */
export async function removeAccount(): Promise<void> {
  if (process.getuid?.() !== 0 || !readAccount()) return;
  await execute('userdel', [NAME]).catch(() => {});
}

function readAccount(): Account | undefined {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((each) => each.startsWith(`${NAME}:`));
  const [name, , uid, gid] = line?.split(':') ?? [];
  return name === undefined ? undefined : { name, uid: Number(uid), gid: Number(gid) };
}

/** Words before a command that make it run as this account, if it is another one. */
export function becoming(account: Account): string[] {
  if (account.uid === process.getuid?.()) return [];
  return ['setpriv', `--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups'];
}
