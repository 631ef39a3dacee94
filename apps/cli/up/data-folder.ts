import { chmod, mkdir, realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { GofleetError } from '#errors';
import type { UpOptions } from './options.ts';

/** Where everything of an embedded gofleet lies; all paths are absolute. */
export interface DataFolder {
  data: string;
  run: string;
  inventory: string;
  playbooks: string;
  keys: string;
  secrets: string;
  notify: string;
  knownHosts: string;
  workerYaml: string;
  workerToken: string;
  controllerJson: string;
}

/** Makes the data folder and those below it, for nobody but this user. */
export async function prepareDataFolder(options: UpOptions): Promise<DataFolder> {
  await mkdir(options.data, { recursive: true, mode: 0o700 });
  const data = await realpath(options.data);
  await ownOnly(data);
  const below = (name: string, named?: string) => (named ? resolve(named) : join(data, name));
  const folder: DataFolder = {
    data,
    run: join(data, 'run'),
    inventory: below('inventory', options.inventory),
    playbooks: below('playbooks', options.playbooks),
    keys: below('keys', options.keys),
    secrets: join(data, 'secrets'),
    notify: join(data, 'notify'),
    knownHosts: below('known_hosts', options.knownHosts),
    workerYaml: join(data, 'worker.yaml'),
    workerToken: join(data, 'worker.token'),
    controllerJson: join(data, 'controller.json'),
  };
  for (const name of ['run', 'inventory', 'playbooks', 'keys', 'secrets', 'notify'])
    await mkdir(join(data, name), { recursive: true, mode: 0o700 });
  return folder;
}

async function ownOnly(data: string): Promise<void> {
  const { uid } = await stat(data);
  if (uid !== process.getuid?.())
    throw new GofleetError('usage', `the data folder ${data} belongs to another user`, {
      remedy: 'Name a folder of your own with --data, or run gofleet as that user.',
    });
  await chmod(data, 0o700);
}
