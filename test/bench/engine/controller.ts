import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startRedis } from '../../faults/redis-server.ts';
import { api, cli, MAIN, type Api } from '../../stack/index.ts';
import type { Measured } from './watch.ts';

/** The built controller as `gofleet up` starts it, over a real Redis and a ledger on the disk, and no worker. */
export interface BenchController extends AsyncDisposable {
  api: Api;
  data: string;
  redis: string;
  workerToken: string;
  import(bundle: string): Promise<void>;
  measure(): Promise<Measured>;
}

/** With `profile` the CPU profile of the controller is written into that folder at its end. */
export async function startController(work: string, profile?: string): Promise<BenchController> {
  const redis = await startRedis();
  const data = join(work, 'controller');
  for (const folder of ['inventory', 'playbooks'])
    await mkdir(join(data, folder), { recursive: true });
  const child = launch(data, redis.socket, profile);
  const url = await urlOf(child);
  const secret = async (file: string) => (await readFile(join(data, file), 'utf8')).trim();
  const token = await secret('token');
  return {
    api: api(url, token),
    data,
    redis: redis.socket,
    workerToken: await secret('worker.token'),
    async import(bundle) {
      const named = { GOFLEET_URL: url, GOFLEET_TOKEN: token };
      const { code, stderr } = await cli(['bundle', 'import', bundle], named);
      if (code !== 0) throw new Error(stderr);
    },
    async measure() {
      child.send('measure');
      const [measured] = await once(child, 'message');
      return measured as Measured;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
      await redis[Symbol.asyncDispose]();
    },
  };
}

function launch(data: string, redis: string, profile: string | undefined): ChildProcess {
  const out = openSync(join(data, 'controller.log'), 'a');
  const options = { data, listen: '127.0.0.1:0', redis: `unix://${redis}` };
  return spawn(
    process.execPath,
    [
      ...(profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]),
      '--disable-warning=ExperimentalWarning',
      `--import=${join(import.meta.dirname, 'watch.ts')}`,
      join(MAIN, '../../controller/main.js'),
      JSON.stringify(options),
    ],
    { stdio: ['ignore', out, out, 'ipc'] },
  );
}

interface Started {
  url?: string;
  message?: string;
}

async function urlOf(child: ChildProcess): Promise<string> {
  const died = once(child, 'exit').then(() => [{ message: 'the controller did not start' }]);
  const [message] = (await Promise.race([once(child, 'message'), died])) as [Started];
  if (message.url === undefined) throw new Error(message.message);
  return message.url;
}
