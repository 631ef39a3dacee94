import { rm } from 'node:fs/promises';
import { GofleetError } from '#errors';
import { formatDuration } from '#units';
import { openLog } from '../../process/log.ts';
import { stopSignal } from '../../process/stop-signal.ts';
import { keepAlive, type Child, type Supervision } from './child.ts';
import { prepareDataFolder, type DataFolder } from './data-folder.ts';
import type { UpOptions } from './options.ts';
import { endLeftOver, livingPid, removePid, writePid } from './pid-file.ts';
import { controllerProgram, workerProgram } from './programs.ts';
import { redisProgram } from './redis.ts';
import { makeSocketFolder, removeSocketFolder } from './socket-folder.ts';

const LEFT_OVER_GRACE = 5000;

/** Supervises redis-server, controller and worker until SIGTERM or SIGINT. Returns the exit code; throws a GofleetError where it cannot start. */
export async function runUp(options: UpOptions): Promise<number> {
  const began = performance.now();
  const stopped = stopSignal();
  const folder = await prepareDataFolder(options);
  const around = { log: openLog('up'), run: folder.run };
  await beTheOnlyOne(folder, around);
  await rm(folder.controllerJson, { force: true });
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

function announce(url: string, { data }: DataFolder, took: number): void {
  process.stdout.write(
    `gofleet is ready after ${formatDuration(Math.round(took))}\n  ${url}  data: ${data}\n`,
  );
}
