import type { Dirent } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { GofleetError } from '#errors';
import { put } from './builder.ts';
import { invalid } from './invalid.ts';
import { isVaultText } from './parse.ts';
import { describe, toValue } from './tree.ts';
import type { Inventory, InventoryGroup, InventoryHost } from './types.ts';
import { readYaml } from './yaml-tree.ts';

const EXTENSIONS = ['.yml', '.yaml', '.json'];
const MAX_BYTES = 5_000_000;

/** Adds `group_vars/` and `host_vars/` of a folder. `shown` stands for the folder in messages. */
export async function readVarsFiles(
  inventory: Inventory,
  folder: string,
  shown: string,
): Promise<void> {
  const groups = [...inventory.groups.values()];
  const hosts = [...inventory.hosts.values()];
  await readVarsFolder(inventory, groups, {
    path: join(folder, 'group_vars'),
    shown: `${shown}group_vars`,
  });
  await readVarsFolder(inventory, hosts, {
    path: join(folder, 'host_vars'),
    shown: `${shown}host_vars`,
  });
}

interface Place {
  path: string;
  /** As messages name it. */
  shown: string;
}

async function readVarsFolder(
  inventory: Inventory,
  owners: (InventoryGroup | InventoryHost)[],
  folder: Place,
): Promise<void> {
  const present = new Map((await list(folder.path)).map((entry) => [entry.name, entry]));
  if (present.size === 0) return;
  for (const owner of owners) {
    // the first that is there counts: a folder or file of the plain name, then .yml, .yaml, .json
    const name = ['', ...EXTENSIONS]
      .map((extension) => `${owner.name}${extension}`)
      .find((candidate) => present.has(candidate));
    if (name === undefined) continue;
    for (const file of await filesOf(below(folder, name))) await readVars(inventory, owner, file);
  }
}

/** The file itself, or the files of a folder in order, folders without a dot included. */
async function filesOf(place: Place): Promise<Place[]> {
  const entries = await listIfFolder(place.path);
  if (!entries) return [place];
  const found: Place[] = [];
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const { name } = entry;
    if (name.startsWith('.') || name.endsWith('~')) continue;
    const extension = extname(name);
    const inner = below(place, name);
    if ((await listIfFolder(inner.path)) !== undefined) {
      if (extension === '') found.push(...(await filesOf(inner)));
    } else if (extension === '' || EXTENSIONS.includes(extension)) {
      found.push(inner);
    }
  }
  return found;
}

async function readVars(
  inventory: Inventory,
  owner: InventoryGroup | InventoryHost,
  { path, shown }: Place,
): Promise<void> {
  const text = await readText(path, shown);
  if (isVaultText(text)) {
    owner.vaulted.push({ file: shown, line: 1 });
    const message = `locked by Ansible Vault: the variables of "${owner.name}" in it are not read`;
    inventory.warnings.push({ file: shown, line: 1, message });
    return;
  }
  const tree = readYaml({ text, file: shown, firstLine: 1, warnings: inventory.warnings });
  if (!tree || (tree.kind === 'leaf' && tree.value === null)) return;
  if (tree.kind !== 'mapping') {
    throw invalid(
      { file: shown, line: tree.line },
      `variables are a mapping, and this is ${describe(tree)}`,
      'Write one "name: value" on each line.',
    );
  }
  for (const { key, line, value } of tree.entries) {
    put(owner.files, key, toValue(value), { file: shown, line });
  }
}

/** The text of a file of at most 5 MB. Throws `invalid_file`, `too_large`. */
export async function readText(path: string, shown: string): Promise<string> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw invalid(
      { file: shown, line: undefined },
      `cannot be read (${error instanceof Error ? error.message : String(error)})`,
      'Check that it is there and may be read.',
    );
  });
  if (bytes.length > MAX_BYTES) {
    throw new GofleetError('too_large', `${shown} is larger than 5 MB`, {
      remedy: 'Split it into a folder of several files.',
    });
  }
  return bytes.toString('utf8');
}

function below(place: Place, name: string): Place {
  return { path: join(place.path, name), shown: `${place.shown}/${name}` };
}

async function list(path: string): Promise<Dirent[]> {
  return (await listIfFolder(path)) ?? [];
}

/** The entries of a folder; undefined where there is none. */
export async function listIfFolder(path: string): Promise<Dirent[] | undefined> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    if (error instanceof Error && 'code' in error) {
      if (error.code === 'ENOTDIR' || error.code === 'ENOENT') return undefined;
    }
    throw error;
  }
}
