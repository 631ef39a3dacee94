import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { checkValue, parseDocument } from '#document';
import { GofleetError } from '#errors';
import { inventoryFromValue, loadInventory, parseInventory, type Inventory } from '#inventory';
import { Playbook } from '#operations';
import type { RolloutPlan } from '#rollout';
import type { Engine } from '../engine.ts';
import { refuseLinksOut, resolveName } from './names.ts';

/** What a plan names, and under which name it is shown. */
export interface Named<T> {
  name: string;
  value: T;
}

/** An inventory by its name below the folder, or inline: a mapping, or text with a line break in it. */
export async function readInventory(
  { folders }: Pick<Engine, 'folders'>,
  written: RolloutPlan['inventory'],
): Promise<Named<Inventory>> {
  if (typeof written !== 'string')
    return { name: 'inline', value: inventoryFromValue(written, { name: 'plan inventory' }) };
  const path = await inventoryPath({ folders }, written);
  if (path === undefined)
    return { name: 'inline', value: parseInventory(written, { name: 'plan inventory' }) };
  return { name: written, value: await loadInventory(path) };
}

/** Where an inventory lies that is named; undefined for one that is inline. Throws `path_not_allowed`, `invalid_file`. */
export async function inventoryPath(
  { folders }: Pick<Engine, 'folders'>,
  written: RolloutPlan['inventory'],
): Promise<string | undefined> {
  if (typeof written !== 'string' || written.includes('\n')) return undefined;
  const endings = ['', '.yaml', '.yml', '.ini'];
  const path = await resolveName(folders.inventory, written, 'inventory', endings);
  await refuseLinksOut(folders.inventory, path);
  return path;
}

/** A playbook by its name below the folder, or inline, which only an admin may send. */
export async function readPlaybook(
  { folders, mayInline }: Pick<Engine, 'folders'> & { mayInline: boolean },
  written: RolloutPlan['playbook'],
): Promise<Named<Playbook>> {
  if (typeof written !== 'string') {
    if (!mayInline) throw adminAlone();
    const playbook = checkValue(written, Playbook, { name: 'plan playbook' });
    return { name: `inline: ${playbook.name}`, value: playbook };
  }
  const path = await resolveName(folders.playbooks, written, 'playbook', ['.yaml', '.yml', '']);
  const text = await readFile(path, 'utf8');
  return { name: written, value: parseDocument(text, Playbook, { name: basename(path) }) };
}

function adminAlone(): GofleetError {
  return new GofleetError('forbidden', 'only an admin may send a playbook inline', {
    remedy: 'Name a playbook of the controller, or use a token of an admin.',
    errors: [{ path: 'playbook', message: 'is inline, which needs the role admin' }],
  });
}
