/**
 * The process that keeps one lab: its hosts and the proxies before them. It serves requests of the
 * process that started it and takes everything down when that one has gone, however it went.
 * In mode `root` it runs in a mount namespace of its own, so no mount outlives it.
 */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { addressOf, chooseSubnet, frontPort, BACK_PORT } from './addresses.ts';
import { chrootMachine } from './chroot-machine.ts';
import { makeKey } from './keys.ts';
import type { Machine } from './machine.ts';
import { processId, type ProcessId } from './processes.ts';
import { createProxy, type Proxy } from './proxy.ts';
import type { KeeperAnswer, KeeperRequest, KeptHost, LabRecord, LabWish } from './protocol.ts';
import { userMachine } from './user-machine.ts';

interface Kept {
  machine: Machine;
  proxy: Proxy | undefined;
  folder: string;
}

let wish: LabWish | undefined;
let kept: Kept[] = [];
let closing: Promise<void> | undefined;

/** Starts all hosts, a few at a time: more at once only wait for each other. */
async function open(wanted: LabWish): Promise<KeptHost[]> {
  wish = wanted;
  writeRecord();
  const subnet = await chooseSubnet(wanted.subnet);
  const port = await frontPort(wanted.mode, addressOf(subnet, 0));
  const few = pLimit(8);
  return Promise.all(
    wanted.hosts.map((host, at) =>
      few(async () => {
        const address = addressOf(subnet, at);
        const folder = join(wanted.folder, 'hosts', host.name);
        const keyFolder = join(wanted.folder, 'hostkeys', host.name);
        await mkdir(keyFolder, { recursive: true });
        const [proxyEnd, hostEnd] = [
          { address, port },
          { address, port: host.proxied ? BACK_PORT : port },
        ];
        const options = {
          id: wanted.id,
          name: host.name,
          folder,
          listen: hostEnd,
          diskMb: host.diskMb,
          authorizedKeys: wanted.authorizedKeys,
          account: wanted.account,
          base: wanted.base,
          logFile: join(wanted.folder, `${host.name}.log`),
        };
        const machine = wanted.mode === 'root' ? chrootMachine(options) : userMachine(options);
        const proxy = host.proxied ? createProxy(proxyEnd, hostEnd) : undefined;
        kept[at] = { machine, proxy, folder: keyFolder };
        const hostKey = await makeKey(join(keyFolder, 'first'), host.name);
        await machine.prepare();
        machine.installHostKey(await readFile(join(keyFolder, 'first'), 'utf8'));
        await machine.up();
        await proxy?.open();
        writeRecord();
        return { address, port, hostKey };
      }),
    ),
  );
}

async function start({ machine, proxy }: Kept): Promise<void> {
  await machine.up();
  await proxy?.open();
  writeRecord();
}

async function stop({ machine, proxy }: Kept): Promise<void> {
  await proxy?.close();
  await machine.down();
}

async function changeKey(host: Kept, which: 'first' | 'second'): Promise<string> {
  const file = join(host.folder, which);
  const hostKey =
    which === 'second' ? await makeKey(file, which) : await readFile(`${file}.pub`, 'utf8');
  await stop(host);
  host.machine.installHostKey(await readFile(file, 'utf8'));
  await start(host);
  return hostKey.trim().split(' ').slice(0, 2).join(' ');
}

/** What a later lab needs to take away what is left of this one, should this process be killed. */
function writeRecord(): void {
  if (!wish) return;
  const pids = [process.pid, ...kept.flatMap((host) => host?.machine.pid() ?? [])];
  const ids = pids.map(processId).filter((id): id is ProcessId => id !== undefined);
  const record: LabRecord = {
    id: wish.id,
    keeper: ids[0],
    processes: ids.slice(1),
    keep: wish.keep,
  };
  writeFileSync(join(wish.folder, 'lab.json'), JSON.stringify(record));
}

function close(): Promise<void> {
  closing ??= (async () => {
    await Promise.allSettled(kept.map(async (host) => host?.proxy?.close()));
    await Promise.allSettled(kept.map(async (host) => host?.machine.dispose()));
    if (wish) await rm(wish.folder, { recursive: true, force: true, maxRetries: 3 });
  })();
  return closing;
}

async function serve(request: KeeperRequest): Promise<unknown> {
  if (request.verb === 'open') return open(request.wish);
  if (request.verb === 'close') return close();
  const host = kept[request.host];
  if (!host) throw new Error(`the lab has no host number ${request.host}`);
  switch (request.verb) {
    case 'start':
      return start(host);
    case 'stop':
      return stop(host);
    case 'pid':
      return host.machine.pid();
    case 'fill':
      return host.machine.fill(request.leaveMb);
    case 'fillInodes':
      return host.machine.fillInodes();
    case 'free':
      return host.machine.free();
    case 'key':
      return changeKey(host, request.which);
    case 'link':
      return proxyOf(host).link(request.link);
    case 'counters':
      return proxyOf(host).counters();
  }
  return request satisfies never;
}

function proxyOf({ proxy }: Kept): Proxy {
  if (!proxy) throw new Error('this host has no proxy; start it with `proxied: true`');
  return proxy;
}

async function answer(request: KeeperRequest & { number: number }): Promise<void> {
  let reply: KeeperAnswer;
  try {
    reply = { number: request.number, value: await serve(request) };
  } catch (error) {
    reply = {
      number: request.number,
      error: error instanceof Error ? error.message : String(error),
    };
  }
  process.send?.(reply, undefined, undefined, () => {
    if (request.verb === 'close') process.exit(0);
  });
}

function leave(): void {
  void close().finally(() => process.exit(0));
}

process.on('message', (request: KeeperRequest & { number: number }) => void answer(request));
process.on('disconnect', () => {
  if (!wish?.keep) leave();
});
process.on('SIGTERM', leave);
process.on('SIGINT', () => {});
process.on('SIGHUP', () => {});
