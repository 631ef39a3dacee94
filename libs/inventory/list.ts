import { isSecret, isSecretRef } from './known-variables.ts';
import { isVault } from './values.ts';
import { variablesOf } from './variables.ts';
import type { Inventory, InventoryGroup, Vars } from './types.ts';

const MASK = '********';

declare global {
  interface JSON {
    /** Node has it, the types of TypeScript 7.0 not yet. */
    rawJSON(text: string): unknown;
  }
}

/** Ansible's own, which it leaves out of a listing. */
const INTERNAL = new Set(
  (
    'ansible_diff_mode ansible_config_file ansible_facts ansible_forks ansible_inventory_sources ansible_limit ' +
    'ansible_playbook_python ansible_run_tags ansible_skip_tags ansible_verbosity ansible_version inventory_dir ' +
    'inventory_file inventory_hostname inventory_hostname_short groups group_names omit playbook_dir'
  ).split(' '),
);

/** Groups by name, and beside them the variables of the hosts. */
export interface Listing extends Record<string, unknown> {
  _meta: { hostvars: Record<string, Record<string, unknown>> };
}

/** What `ansible-inventory --list` prints, with passwords masked; for `JSON.stringify`. */
export function listJson(inventory: Inventory): Listing {
  const variables = variablesOf(inventory);
  const hostvars: [string, Record<string, unknown>][] = [];
  for (const host of inventory.hosts.values()) {
    const vars = shownVars(variables.of(host));
    if (Object.keys(vars).length > 0) hostvars.push([host.name, vars]);
  }
  return {
    ...Object.fromEntries<unknown>(groupEntries(inventory)),
    _meta: { hostvars: Object.fromEntries(hostvars) },
  };
}

function groupEntries(inventory: Inventory): [string, unknown][] {
  const entries: [string, unknown][] = [];
  for (const group of inventory.groups.values()) {
    const hosts = group.name === 'all' ? [] : [...group.hosts];
    const body = {
      ...(hosts.length > 0 && { hosts }),
      ...(group.children.size > 0 && { children: [...group.children] }),
    };
    if (Object.keys(body).length > 0) entries.push([group.name, body]);
  }
  return entries;
}

function shownVars(vars: Vars): Vars {
  return Object.fromEntries(
    Object.entries(vars)
      .filter(([name]) => !INTERNAL.has(name))
      .map(([name, value]) => [name, isMasked(name, value) ? MASK : exact(value)]),
  );
}

/** References are no secrets; what is no proper reference may be the password itself. */
function isMasked(name: string, value: unknown): boolean {
  return isSecret(name) && value !== null && !isSecretRef(value) && !isVault(value);
}

/** Integers over 2^53 keep their digits. */
function exact(value: unknown): unknown {
  if (typeof value === 'bigint') return JSON.rawJSON(value.toString());
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(exact);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, exact(inner)]));
}

/** The tree of groups and hosts as `ansible-inventory --graph` prints it. */
export function graphText(inventory: Inventory): string {
  const all = inventory.groups.get('all');
  return all ? graphLines(inventory, all, 0).join('\n') : '';
}

function graphLines(inventory: Inventory, group: InventoryGroup, depth: number): string[] {
  const children = [...group.children].flatMap((name) => inventory.groups.get(name) ?? []);
  const hosts = group.name === 'all' ? [] : [...group.hosts];
  return [
    branch(`@${group.name}:`, depth),
    ...children.flatMap((child) => graphLines(inventory, child, depth + 1)),
    ...hosts.map((host) => branch(host, depth + 1)),
  ];
}

function branch(name: string, depth: number): string {
  return depth === 0 ? name : `${'  |'.repeat(depth)}--${name}`;
}
