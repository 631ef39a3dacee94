import writeFileAtomic from 'write-file-atomic';
import type { ControllerOptions } from '../../controller/index.ts';
import type { SigningOptions } from '../../process/signing-policy.ts';
import { isLoopback, listenAddress } from '../../process/listen-address.ts';
import type { WorkerOptions } from '../../worker/index.ts';
import type { ChildProgram } from './child.ts';
import type { DataFolder } from './data-folder.ts';
import { firstMessage, forkApp } from './node-child.ts';
import type { UpOptions } from './options.ts';
import { socketOf } from './redis.ts';

/** Below the 40 s of all together: the worker ends within 30 s by itself. */
const WORKER_GRACE = 31_000;
const CONTROLLER_GRACE = 5000;

export interface ControllerProgram extends ChildProgram {
  /** Where it answers; known once it was ready. */
  url(): string;
}

/** The controller; a free port that was taken at its first start is kept. */
export function controllerProgram(
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
        listen: url === undefined ? options.listen : samePort(options.listen, url),
        redis: socketOf(sockets),
        inventory: folder.inventory,
        playbooks: folder.playbooks,
        knownHosts: folder.knownHosts,
        notify: folder.notify,
        keepBundles: options.keepBundles,
        ...signingOf(options),
      } satisfies ControllerOptions),
    async ready(child) {
      url = (await firstMessage(child)) ?? url;
      await writeFileAtomic(folder.controllerJson, `${JSON.stringify({ url })}\n`, { mode: 0o600 });
    },
    url: () => url ?? '',
  };
}

/** The embedded worker: it reads the blobs of that controller in place. */
export function workerProgram(
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
        ...signingOf(options),
        trusting: isLoopback(listenAddress(options.listen).host),
      } satisfies WorkerOptions),
    ready: async (child) => void (await firstMessage(child)),
  };
}

/** Controller and worker go by the same. */
function signingOf({ bundlePolicy, allowedSigners, revokedKeys }: UpOptions): SigningOptions {
  return { bundlePolicy, allowedSigners, revokedKeys };
}

function samePort(listen: string, url: string): string {
  const { port } = new URL(url);
  return listen.replace(/:0$/, `:${port}`);
}
