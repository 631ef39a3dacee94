import { ancestorsOf } from './builder.ts';
import type {
  Inventory,
  InventoryGroup,
  InventoryHost,
  Position,
  Vars,
  VarsSource,
} from './types.ts';
import { toPlain } from './values.ts';

/** Answers questions about the variables of hosts; hosts in the same groups share the work. */
export interface Variables {
  /** Merged by Ansible's precedence. */
  of(host: InventoryHost): Vars;
  /** Where the value that counts was written. */
  origin(host: InventoryHost, variable: string): Position | undefined;
  /** The same as plain JSON. */
  plain(host: InventoryHost): Vars;
  /** All groups with those above, without `all`, by precedence: the last one wins. */
  groups(host: InventoryHost): InventoryGroup[];
  /** Their names, sorted. */
  groupNames(host: InventoryHost): string[];
}

interface Layers {
  groups: InventoryGroup[];
  names: string[];
  sources: VarsSource[];
  merged: Vars;
  plain: Vars;
}

export function variablesOf(inventory: Inventory): Variables {
  const known = new Map<string, Layers>();
  const ofHost = new WeakMap<InventoryHost, Layers>();
  const layers = (host: InventoryHost): Layers => {
    const met = ofHost.get(host);
    if (met) return met;
    const key = [...host.groups].join('\n');
    const found = known.get(key) ?? layersOf(inventory, host.groups);
    known.set(key, found);
    ofHost.set(host, found);
    return found;
  };
  return {
    of: (host) => ({ ...layers(host).merged, ...host.own.vars, ...host.files.vars }),
    plain: (host) => {
      const vars = { ...layers(host).plain };
      addPlain(vars, host.own.vars);
      addPlain(vars, host.files.vars);
      return vars;
    },
    groups: (host) => layers(host).groups,
    groupNames: (host) => layers(host).names,
    origin: (host, variable) =>
      [...layers(host).sources, host.own, host.files]
        .findLast(({ vars }) => Object.hasOwn(vars, variable))
        ?.positions.get(variable),
  };
}

/** Ansible's order: `all`, groups, then `group_vars/all`, `group_vars/` of groups; then come the host's own. */
function layersOf(inventory: Inventory, direct: Set<string>): Layers {
  const names = new Set(direct);
  for (const name of direct) for (const above of ancestorsOf(inventory, name)) names.add(above);
  names.delete('all');
  const groups = inNames(inventory, names).toSorted(byPrecedence);
  const all = inNames(inventory, ['all']);
  const sources = [
    ...[...all, ...groups].map(({ own }) => own),
    ...[...all, ...groups].map(({ files }) => files),
  ];
  const merged = Object.fromEntries(sources.flatMap(({ vars }) => Object.entries(vars)));
  const plain = {};
  addPlain(plain, merged);
  return { groups, names: groups.map(({ name }) => name).toSorted(), sources, merged, plain };
}

/** Also `__proto__` is a name like any other. */
function addPlain(vars: Vars, more: Vars): void {
  for (const key of Object.keys(more)) {
    const value = toPlain(more[key]);
    if (key === '__proto__')
      Object.defineProperty(vars, key, {
        value,
        enumerable: true,
        configurable: true,
        writable: true,
      });
    else vars[key] = value;
  }
}

function inNames(inventory: Inventory, names: Iterable<string>): InventoryGroup[] {
  return [...names].flatMap((name) => inventory.groups.get(name) ?? []);
}

/** A deeper group wins over one above, then the higher priority, then the later name. */
function byPrecedence(a: InventoryGroup, b: InventoryGroup): number {
  return a.depth - b.depth || a.priority - b.priority || (a.name < b.name ? -1 : 1);
}
