import { rm } from 'node:fs/promises';
import writeFileAtomic from 'write-file-atomic';
import { GofleetError } from '#errors';
import { formatDuration } from '#units';
import type { ControllerOptions } from '../../controller/index.ts';
import { isLoopback, listenAddress } from '../../process/listen-address.ts';
import { openLog } from '../../process/log.ts';
import { stopSignal } from '../../process/stop-signal.ts';
import type { WorkerOptions } from '../../worker/index.ts';
import { keepAlive, type Child, type ChildProgram, type Supervision } from './child.ts';
import { prepareDataFolder, type DataFolder } from './data-folder.ts';
import { firstMessage, forkApp } from './node-child.ts';
import type { UpOptions } from './options.ts';
import { endLeftOver, livingPid, removePid, writePid } from './pid-file.ts';
import { redisProgram, socketOf } from './redis.ts';
import { makeSocketFolder, removeSocketFolder } from './socket-folder.ts';

/** Below the 40 s of all together: the worker ends within 30 s by itself. */
const WORKER_GRACE = 31_000;
const CONTROLLER_GRACE = 5000;
const LEFT_OVER_GRACE = 5000;

/** Supervises redis-server, controller and worker until SIGTERM or SIGINT. Returns the exit code; throws a GofleetError where it cannot start. */
export async function runUp(options: UpOptions): Promise<number> {
  const began = performance.now();
  const stopped = stopSignal();
  const folder = await prepareDataFolder(options);
  const around = { log: openLog('up'), run: folder.run };
  await beTheOnlyOne(folder, around);
  const sockets = await makeSocketFolder(folder.data);
  const children: Child[] = [];
  try {
    children.unshift(await keepAlive(redisProgram(sockets), around));
    const controller = controllerProgram(options, folder, sockets);
    children.unshift(await keepAlive(controller, around));
    children.unshift(await keepAlive(workerProgram(options, folder, sockets, controller), around));
    announce(controller.url(), folder, performance.now() - began);
    around.log.info({ why: await stopped }, 'stopping');
  } finally {
    await rm(folder.controllerJson, { force: true });
    for (const child of children) await child.stop();
    await removeSocketFolder(sockets);
    await removePid(folder.run, 'up');
  }
  return 0;
}

/** Refuses a second supervisor on the same folder, and ends what a dead one left over. */
async function beTheOnlyOne({ data, run }: DataFolder, { log }: Supervision): Promise<void> {
  const other = await livingPid(run, 'up');
  if (other !== undefined && other !== process.pid)
    throw new GofleetError('conflict', `gofleet up is already running on ${data} (pid ${other})`, {
      remedy: 'Use the one that runs, end it first, or name another folder with --data.',
    });
  await writePid(run, 'up', process.pid);
  for (const name of ['worker', 'controller', 'redis'])
    if (await endLeftOver(run, name, LEFT_OVER_GRACE))
      log.warn({ child: name }, 'ended a process that an earlier start left over');
}

interface ControllerProgram extends ChildProgram {
  /** Where it answers; known once it was ready. */
  url(): string;
}

function controllerProgram(
  options: UpOptions,
  folder: DataFolder,
  sockets: string,
): ControllerProgram {
  let url: string | undefined;
  return {
    name: 'controller',
    grace: CONTROLLER_GRACE,
    launch: () =>
      forkApp('controller', {
        data: folder.data,
        // A free port that was taken at the first start is kept.
        listen: url === undefined ? options.listen : samePort(options.listen, url),
        redis: socketOf(sockets),
        inventory: folder.inventory,
        playbooks: folder.playbooks,
        knownHosts: folder.knownHosts,
        notify: folder.notify,
      } satisfies ControllerOptions),
    async ready(child) {
      url = (await firstMessage(child)) ?? url;
      await writeFileAtomic(folder.controllerJson, `${JSON.stringify({ url })}\n`, { mode: 0o600 });
    },
    url: () => url ?? '',
  };
}

function samePort(listen: string, url: string): string {
  const { port } = new URL(url);
  return listen.replace(/:0$/, `:${port}`);
}

function workerProgram(
  options: UpOptions,
  folder: DataFolder,
  sockets: string,
  controller: ControllerProgram,
): ChildProgram {
  return {
    name: 'worker',
    grace: WORKER_GRACE,
    launch: () =>
      forkApp('worker', {
        site: 'default',
        controller: controller.url(),
        redis: socketOf(sockets),
        tokenFile: folder.workerToken,
        keys: folder.keys,
        secrets: folder.secrets,
        config: folder.workerYaml,
        concurrency: options.concurrency,
        store: folder.data,
        trusting: isLoopback(listenAddress(options.listen).host),
      } satisfies WorkerOptions),
    ready: async (child) => void (await firstMessage(child)),
  };
}

function announce(url: string, { data }: DataFolder, took: number): void {
  process.stdout.write(
    `gofleet is ready after ${formatDuration(Math.round(took))}\n  ${url}  data: ${data}\n`,
  );
}
