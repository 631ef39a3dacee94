import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { emptyInventory } from './builder.ts';
import { fault, invalid } from './invalid.ts';
import { readInventoryText } from './parse.ts';
import { settle } from './settle.ts';
import type { Inventory } from './types.ts';
import { listIfFolder, readText, readVarsFiles } from './vars-files.ts';

/** What Ansible leaves out of a folder of inventories. */
const IGNORED =
  /^\.|^(?:host_vars|group_vars|vars_plugins)$|(?:\.(?:pyc|pyo|swp|bak|rpm|md|txt|rst|orig|ini|cfg|retry)|~)$/;

/**
 * Reads an inventory file, or a folder of them, with the `group_vars/` and `host_vars/` beside it.
 * Positions are relative to the folder that holds `path`. Throws `invalid_file` with file and line.
 */
export async function loadInventory(path: string): Promise<Inventory> {
  const entries = await listIfFolder(path);
  const folder = resolve(entries ? path : dirname(path));
  const inventory = emptyInventory(folder);
  const name = basename(resolve(path));
  await readSource(inventory, path, name);
  settle(inventory);
  await readVarsFiles(inventory, folder, entries ? `${name}/` : '');
  return inventory;
}

async function readSource(inventory: Inventory, path: string, shown: string): Promise<void> {
  const entries = await listIfFolder(path);
  if (!entries) return readFileInto(inventory, path, shown);
  for (const name of entries.map((entry) => entry.name).toSorted()) {
    if (!IGNORED.test(name)) await readSource(inventory, join(path, name), `${shown}/${name}`);
    else if (/\.(?:ini|cfg)$/.test(name)) {
      const message = 'left out: in a folder, Ansible does not read .ini and .cfg files';
      inventory.warnings.push({ file: `${shown}/${name}`, line: undefined, message });
    }
  }
}

async function readFileInto(inventory: Inventory, path: string, shown: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) {
    throw invalid(
      { file: shown, line: undefined },
      found ? 'this is no regular file' : 'there is no such inventory',
      'Name an inventory file, or a folder of them.',
    );
  }
  if (shown.endsWith('.toml')) {
    throw fault(
      'not_supported_yet',
      { file: shown, line: undefined },
      'TOML inventories are not read',
      'Write it as YAML or INI.',
    );
  }
  readInventoryText(inventory, await readText(path, shown), { name: shown });
}
