import { readConnection, readSite, type MergedHost } from './connection.ts';
import { vaulted } from './parse.ts';
import type { Host, Inventory, InventoryHost } from './types.ts';
import { toPlain } from './values.ts';
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
  const groups = variables.groups(host);
  const all = inventory.groups.get('all');
  const [locked] = [host, ...groups, ...(all ? [all] : [])].flatMap((owner) => owner.vaulted);
  if (locked) throw vaulted(locked);
  return mergedHost(host, variables);
}

export function mergedHost(host: InventoryHost, variables: Variables): MergedHost {
  const vars = Object.entries(variables.of(host)).map(([key, value]) => [key, toPlain(value)]);
  return {
    name: host.name,
    groups: variables
      .groups(host)
      .map((group) => group.name)
      .toSorted(),
    vars: Object.fromEntries(vars),
    origin: (variable) => variables.origin(host, variable) ?? host.position,
  };
}
