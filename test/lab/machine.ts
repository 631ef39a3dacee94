import { spawn, type ChildProcess } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from './account.ts';
import { happens } from './happens.ts';
import type { Endpoint } from './proxy.ts';

/** One host as its keeper sees it: a disk that stays, and processes that come and go. */
export interface Machine {
  /** Makes the disk, once. */
  prepare(): Promise<void>;
  /** Starts sshd and answers when it accepts connections. */
  up(): Promise<void>;
  /** Ends every process of the host and answers when they are gone. */
  down(): Promise<void>;
  /** The first process of the host while it is up. */
  pid(): number | undefined;
  /** The private key in OpenSSH's own form; sshd reads it when it starts. */
  installHostKey(pem: string): void;
  fill(leaveMb: number): Promise<void>;
  fillInodes(): Promise<void>;
  free(): Promise<void>;
  dispose(): Promise<void>;
}

export interface MachineOptions {
  id: string;
  name: string;
  /** The host's own folder below that of the lab. */
  folder: string;
  listen: Endpoint;
  diskMb: number;
  authorizedKeys: string;
  logFile: string;
  /** Folder of the shared root file system, in mode `root`. */
  base: string;
  /** Whom it belongs to in mode `user`. */
  account: Account;
}

/** sshd's settings that both kinds of host share. */
export function sshdConfig(options: MachineOptions, lines: string[]): string {
  return [
    `ListenAddress ${options.listen.address}:${options.listen.port}`,
    'UseDNS no',
    'LogLevel VERBOSE',
    'MaxStartups 1000',
    'MaxSessions 100',
    'PrintMotd no',
    'Subsystem sftp internal-sftp',
    ...lines,
    '',
  ].join('\n');
}

/** Starts a process that the kernel ends with this one, its output going to `logFile`. */
export function spawnTied(argv: string[], logFile: string, env: NodeJS.ProcessEnv): ChildProcess {
  const log = openSync(logFile, 'a');
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...argv], {
    stdio: ['ignore', log, log],
    env,
    cwd: '/',
  });
  child.on('error', () => {});
  return child;
}

/** Waits until something listens there; fails when `child` ends first or after 20 s. */
export async function listening(child: ChildProcess, where: Endpoint, log: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (Date.now() < deadline && child.exitCode === null && child.signalCode === null) {
    const socket = connect({ host: where.address, port: where.port });
    socket.on('error', () => {});
    const answered = await Promise.race([happens(socket, 'connect'), sleep(1000, false)]);
    socket.destroy();
    if (answered) return;
    await sleep(20);
  }
  const said = readFileSync(log, 'utf8').slice(-500);
  throw new Error(`sshd does not listen on ${where.address}:${where.port}; its log ends: ${said}`);
}
