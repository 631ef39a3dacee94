import { readConnection, readSite, type MergedHost } from './connection.ts';
import { vaulted } from './parse.ts';
import type { Host, Inventory, InventoryHost } from './types.ts';
import { variablesOf, type Variables } from './variables.ts';

/** One host by its name, ready to be planned. Throws what is wrong with its variables. */
export function toHost(inventory: Inventory, name: string): Host | undefined {
  const host = inventory.hosts.get(name);
  return host && planHost(inventory, host, variablesOf(inventory));
}

/** The same for many hosts, which share what their groups say. */
export function planHost(inventory: Inventory, host: InventoryHost, variables: Variables): Host {
  const find = (name: string) => {
    const jump = inventory.hosts.get(name);
    return jump && openHost(inventory, jump, variables);
  };
  const merged = openHost(inventory, host, variables);
  const { name, groups, vars } = merged;
  return { name, groups, vars, connection: readConnection(merged, find), site: readSite(merged) };
}

/** Throws where Ansible Vault has locked what is said of the host. */
function openHost(inventory: Inventory, host: InventoryHost, variables: Variables): MergedHost {
  const all = inventory.groups.get('all');
  const locked =
    host.vaulted[0] ??
    variables.groups(host).find((group) => group.vaulted.length > 0)?.vaulted[0] ??
    all?.vaulted[0];
  if (locked) throw vaulted(locked);
  return mergedHost(host, variables);
}

export function mergedHost(host: InventoryHost, variables: Variables): MergedHost {
  return {
    name: host.name,
    groups: variables.groupNames(host),
    vars: variables.plain(host),
    origin: (variable) => variables.origin(host, variable) ?? host.position,
  };
}
