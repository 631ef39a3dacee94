import { addChild, ancestorsOf, link } from './builder.ts';
import { at } from './invalid.ts';
import type { Inventory, InventoryGroup, InventoryHost } from './types.ts';

/** Ends the reading: every group is below `all`, every host in a group, depths are known. */
export function settle(inventory: Inventory): Inventory {
  for (const group of inventory.groups.values()) {
    if (group.name === 'all' || group.parents.size > 0) continue;
    link(inventory, 'all', group.name);
  }
  const above = new Map(
    [...inventory.groups.keys()].map((name) => [name, ancestorsOf(inventory, name)]),
  );
  for (const host of inventory.hosts.values()) settleHost(inventory, host, above);
  for (const group of byDepth(inventory)) {
    for (const child of group.children) {
      const below = inventory.groups.get(child);
      if (below) below.depth = Math.max(below.depth, group.depth + 1);
    }
  }
  warnOfSharedNames(inventory);
  return inventory;
}

/** `ungrouped` holds exactly the hosts that no other group has. */
function settleHost(
  inventory: Inventory,
  host: InventoryHost,
  above: Map<string, Set<string>>,
): void {
  const isElsewhere = (name: string): boolean => name !== 'all' && name !== 'ungrouped';
  let elsewhere = false;
  let ungrouped = false;
  for (const name of host.groups) {
    const ancestors = above.get(name) ?? new Set();
    elsewhere ||= isElsewhere(name) || [...ancestors].some(isElsewhere);
    ungrouped ||= name === 'ungrouped' || ancestors.has('ungrouped');
  }
  if (!elsewhere && !ungrouped) {
    addChild(inventory, 'ungrouped', host.name, host.position);
  } else if (elsewhere && host.groups.delete('ungrouped')) {
    inventory.groups.get('ungrouped')?.hosts.delete(host.name);
  }
}

/** Every group after all of its parents. */
function byDepth(inventory: Inventory): InventoryGroup[] {
  const missing = new Map([...inventory.groups].map(([name, group]) => [name, group.parents.size]));
  const order = [...inventory.groups.values()].filter(({ parents }) => parents.size === 0);
  for (const group of order) {
    for (const child of group.children) {
      const left = (missing.get(child) ?? 0) - 1;
      missing.set(child, left);
      const below = inventory.groups.get(child);
      if (left === 0 && below) order.push(below);
    }
  }
  return order;
}

function warnOfSharedNames(inventory: Inventory): void {
  for (const { name, position } of inventory.hosts.values()) {
    if (!inventory.groups.has(name)) continue;
    const message = `"${name}" is both a host and a group (first met at ${at(position)})`;
    inventory.warnings.push({ ...position, message });
  }
}
