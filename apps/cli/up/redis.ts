import { spawn, type ChildProcess } from 'node:child_process';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GofleetError } from '#errors';
import type { ChildProgram } from './child.ts';
import { bornAt } from './pid-file.ts';

const READY_WITHIN = 10_000;
const MOST_OUTPUT = 2000;

export function socketOf(folder: string): string {
  return join(folder, 'redis.sock');
}

/**
 * redis-server on a unix socket, no port, in memory alone: the ledger is the truth, and what was in Redis when it
 * stopped is dispatched again.
 */
export function redisProgram(folder: string): ChildProgram {
  const socket = socketOf(folder);
  let output = '';
  return {
    name: 'redis',
    grace: 3000,
    launch() {
      output = '';
      const child = spawn('redis-server', redisArguments(folder, socket), {
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const keepTail = (chunk: Buffer) => {
        output = (output + chunk.toString('utf8')).slice(-MOST_OUTPUT);
      };
      child.stdout.on('data', keepTail);
      child.stderr.on('data', keepTail);
      void endWithUs(child);
      return child;
    },
    async ready(child) {
      const deadline = performance.now() + READY_WITHIN;
      const failed = failureOf(child);
      while (performance.now() < deadline) {
        if (await Promise.race([pings(socket), failed])) return;
        await sleep(10);
      }
      throw new GofleetError('unavailable', `redis-server does not answer: ${output}`, {
        remedy: 'Run redis-server by hand and see what it says.',
      });
    },
  };
}

function redisArguments(folder: string, socket: string): string[] {
  const settings = {
    port: '0',
    unixsocket: socket,
    unixsocketperm: '700',
    dir: folder,
    save: '',
    appendonly: 'no',
    'maxmemory-policy': 'noeviction',
    databases: '1',
    daemonize: 'no',
    loglevel: 'warning',
    logfile: '',
  };
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
}

/**
 * redis-server does not notice that its supervisor is gone, so a shell that does, by the end of its input, ends it:
 * only the process that it was started for, not another one that got the same number.
 */
async function endWithUs(redis: ChildProcess): Promise<void> {
  const { pid } = redis;
  if (pid === undefined) return;
  const [ticks = ''] = (await bornAt(pid))?.split(' ') ?? [];
  const watcher = spawn('sh', ['-c', WATCH, 'gofleet-redis-watch', String(pid), ticks], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watcher.on('error', () => undefined);
  watcher.stdin.on('error', () => undefined);
  redis.once('exit', () => watcher.kill('SIGKILL'));
}

const WATCH =
  'while read -r _; do :; done; [ "$(cut -d" " -f22 "/proc/$1/stat")" = "$2" ] && kill -KILL "$1"';

async function failureOf(child: ChildProcess): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  child.once('error', (cause) => {
    reject(
      new GofleetError('missing_tool', `redis-server cannot be started: ${cause.message}`, {
        remedy: 'Install it: sh scripts/install-system.sh redis-server',
        cause,
      }),
    );
  });
  child.once('exit', (code, signal) => {
    const why = signal ?? `exit code ${code}`;
    reject(
      new GofleetError('unavailable', `redis-server ended at once (${why})`, {
        remedy: 'Run redis-server by hand and see what it says.',
      }),
    );
  });
  return promise;
}

/** Whether Redis answers on that socket. */
function pings(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(socket);
    const say = (good: boolean) => {
      connection.destroy();
      resolve(good);
    };
    connection.setTimeout(1000, () => say(false));
    connection.once('error', () => say(false));
    connection.once('data', (answer) => say(answer.toString().startsWith('+PONG')));
    connection.write('PING\r\n');
  });
}
