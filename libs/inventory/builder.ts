import { parseAddress } from './address.ts';
import { invalid } from './invalid.ts';
import { BadRange, expandRange } from './range.ts';
import type { Inventory, InventoryGroup, InventoryHost, Position, VarsSource } from './types.ts';

/** An inventory with its two groups that are always there. */
export function emptyInventory(folder?: string): Inventory {
  const inventory: Inventory = { hosts: new Map(), groups: new Map(), warnings: [], folder };
  addGroup(inventory, 'all');
  addGroup(inventory, 'ungrouped');
  link(inventory, 'all', 'ungrouped');
  return inventory;
}

export function addGroup(inventory: Inventory, name: string): InventoryGroup {
  const found = inventory.groups.get(name);
  if (found) return found;
  const group: InventoryGroup = {
    name,
    children: new Set(),
    parents: new Set(),
    hosts: new Set(),
    priority: 1,
    depth: 0,
    own: noVars(),
    files: noVars(),
    vaulted: [],
  };
  inventory.groups.set(name, group);
  return group;
}

/** Adds every host of a pattern like `web[01:50].example.com:2222` to a group; gives their names. */
export function addHosts(
  inventory: Inventory,
  group: string,
  pattern: string,
  position: Position,
): string[] {
  const address = parseAddress(pattern);
  if (!address && pattern.endsWith(':')) {
    throw invalid(position, `the host "${pattern}" ends in a colon`, 'Write host or host:port.');
  }
  const names = expand(address?.host ?? pattern, position);
  if (names.length === 0) {
    inventory.warnings.push({ ...position, message: `the range ${pattern} stands for no host` });
  }
  for (const name of names) addHost(inventory, group, name, address?.port, position);
  return names;
}

function expand(pattern: string, position: Position): string[] {
  if (pattern.trim() === '') {
    throw invalid(position, 'a host without a name', 'Give the host a name.');
  }
  try {
    return expandRange(pattern);
  } catch (error) {
    if (!(error instanceof BadRange)) throw error;
    throw invalid(position, error.message, 'Write host ranges like web[01:50] or db[a:f].');
  }
}

function addHost(
  inventory: Inventory,
  group: string,
  name: string,
  port: number | undefined,
  position: Position,
): void {
  if (!inventory.hosts.has(name)) {
    const host: InventoryHost = {
      name,
      groups: new Set(),
      position,
      own: noVars(),
      files: noVars(),
      vaulted: [],
    };
    // as in Ansible, only where a host is met first its port counts
    if (port !== undefined && port !== 0) put(host.own, 'ansible_port', port, position);
    inventory.hosts.set(name, host);
  }
  inventory.hosts.get(name)?.groups.add(group);
  inventory.groups.get(group)?.hosts.add(name);
}

/** Makes a group (or else a host) of that name a member of a group. */
export function addChild(
  inventory: Inventory,
  group: string,
  child: string,
  position: Position,
): void {
  if (!inventory.groups.has(child)) {
    inventory.groups.get(group)?.hosts.add(child);
    inventory.hosts.get(child)?.groups.add(group);
    return;
  }
  if (child === 'all' || group === child || ancestorsOf(inventory, group).has(child)) {
    throw invalid(
      position,
      `the group "${child}" contains itself, by way of "${group}"`,
      `Take "${child}" out of the children of "${group}".`,
    );
  }
  link(inventory, group, child);
}

/** The bare edge between two groups. */
export function link(inventory: Inventory, group: string, child: string): void {
  inventory.groups.get(group)?.children.add(child);
  inventory.groups.get(child)?.parents.add(group);
}

/** Sets a variable of the group of that name, or else of the host: groups go first, as in Ansible. */
export function setVariable(
  inventory: Inventory,
  name: string,
  variable: { key: string; value: unknown },
  position: Position,
): void {
  const { key, value } = variable;
  const group = inventory.groups.get(name);
  if (group && key === 'ansible_group_priority') {
    group.priority = toPriority(value, position);
    return;
  }
  const owner = group ?? inventory.hosts.get(name);
  if (owner) put(owner.own, key, value, position);
}

function toPriority(value: unknown, position: Position): number {
  const text = typeof value === 'string' ? value.trim() : value;
  const priority = text === '' || text === null ? Number.NaN : Number(text);
  if (Number.isNaN(priority)) {
    throw invalid(
      position,
      'ansible_group_priority is no number',
      'Give it an integer; the higher one wins.',
    );
  }
  return Math.trunc(priority);
}

export function noVars(): VarsSource {
  return { vars: {}, positions: new Map() };
}

/** Writes one variable; also `__proto__` is a name like any other. */
export function put(source: VarsSource, key: string, value: unknown, position: Position): void {
  if (key === '__proto__') source.vars = { ...source.vars, ...Object.fromEntries([[key, value]]) };
  else source.vars[key] = value;
  source.positions.set(key, position);
}

/** All groups above one. */
export function ancestorsOf(inventory: Inventory, name: string): Set<string> {
  const found = new Set<string>();
  const open = [...(inventory.groups.get(name)?.parents ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    open.push(...(inventory.groups.get(next)?.parents ?? []));
  }
  return found;
}
