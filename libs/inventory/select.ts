import { readFileSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import { closest, distance } from 'fastest-levenshtein';
import { GofleetError, isGofleetError, type Fault } from '#errors';
import { planHost } from './host.ts';
import { matchHosts, type PatternOptions } from './pattern.ts';
import type { Host, Inventory } from './types.ts';
import { variablesOf } from './variables.ts';

const MOST_FAULTS = 100;

export interface SelectOptions extends PatternOptions {
  /** A second pattern that the hosts must match too, as `--limit` gives it. */
  limit?: string | undefined;
}

/**
 * The hosts of a pattern, in Ansible's order. `@name` is a file below the inventory's folder unless
 * `readList` says otherwise. Throws `no_hosts`, and what is wrong with the hosts, all at once.
 */
export function selectHosts(
  inventory: Inventory,
  pattern: string,
  options: SelectOptions = {},
): Host[] {
  return selectAll(inventory, pattern, options).hosts;
}

/** Hosts, and how they were come to. */
export interface Selection {
  hosts: Host[];
  /** How many the pattern alone matches. */
  matched: number;
  /** Parts of the pattern that match nothing: perhaps misspelt. */
  unmatched: string[];
}

/** As `selectHosts`, with what a person would ask about it. */
export function selectAll(
  inventory: Inventory,
  pattern: string,
  options: SelectOptions = {},
): Selection {
  const { names, matched } = findNames(inventory, pattern, options);
  const variables = variablesOf(inventory);
  const faults: GofleetError[] = [];
  const hosts = names.flatMap((name) => {
    const host = inventory.hosts.get(name);
    if (!host) return [];
    try {
      return [planHost(inventory, host, variables)];
    } catch (error) {
      if (!isGofleetError(error)) throw error;
      faults.push(error);
      return [];
    }
  });
  if (faults.length > 0) throw together(faults);
  return { hosts, matched: matched.names.length, unmatched: matched.unmatched };
}

/** The names alone, for listings; nothing is read of the hosts' variables. Throws `no_hosts`. */
export function selectNames(
  inventory: Inventory,
  pattern: string,
  options: SelectOptions = {},
): string[] {
  return findNames(inventory, pattern, options).names;
}

function findNames(inventory: Inventory, pattern: string, options: SelectOptions) {
  const { limit, readList = (name: string) => readListBelow(inventory, name) } = options;
  const matched = matchHosts(inventory, pattern, { readList });
  const limited = limit === undefined ? undefined : matchHosts(inventory, limit, { readList });
  const wanted = limited && new Set(limited.names);
  const names = matched.names.filter((name) => !wanted || wanted.has(name));
  if (names.length > 0) return { names, matched };
  const whole = limit === undefined ? pattern : `${pattern} limited to ${limit}`;
  throw noHosts(inventory, whole, [...matched.unmatched, ...(limited?.unmatched ?? [])]);
}

function noHosts(inventory: Inventory, pattern: string, unmatched: string[]): GofleetError {
  const known = [...inventory.groups.keys(), ...inventory.hosts.keys()];
  const hints = unmatched.map((name) => {
    const near = closest(name, known);
    const hint = distance(near, name) <= Math.max(2, name.length / 4) ? ` (is it "${near}"?)` : '';
    return `"${name}" is neither a host nor a group${hint}`;
  });
  const message = [`no host matches "${pattern}"`, ...hints].join('; ');
  return new GofleetError('no_hosts', message, {
    remedy: 'See the names with gofleet inventory graph, and correct the pattern.',
  });
}

/** One error for many hosts: the first one's code and remedy, and the place of each. */
function together(faults: GofleetError[]): GofleetError {
  const [first] = faults;
  if (!first || faults.length === 1)
    return first ?? new GofleetError('internal', '', { remedy: '' });
  const errors = distinct(faults.flatMap((each) => each.errors)).slice(0, MOST_FAULTS);
  const more = faults.length - 1;
  return new GofleetError(first.code, `${first.message} (and ${more} more like it)`, {
    remedy: first.remedy,
    errors,
    cause: first,
  });
}

function distinct(errors: Fault[]): Fault[] {
  return [...new Map(errors.map((each) => [JSON.stringify(each), each])).values()];
}

/** A list of hosts below the folder of the inventory; no path and no link leads out of it. */
function readListBelow(inventory: Inventory, name: string): string {
  if (inventory.folder === undefined) {
    throw listFault(name, 'names a file, and an inline inventory has no folder', 'Name the hosts.');
  }
  const path = join(inventory.folder, name);
  try {
    const folder = realpathSync(inventory.folder);
    if (!realpathSync(path).startsWith(`${folder}${sep}`)) throw outside(name);
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isGofleetError(error)) throw error;
    throw listFault(name, 'names a file that cannot be read', 'Put it beside the inventory.');
  }
}

function outside(name: string): GofleetError {
  return new GofleetError('path_not_allowed', `@${name} leads out of the inventory's folder`, {
    remedy: 'Put the list beside the inventory.',
  });
}

function listFault(name: string, message: string, remedy: string): GofleetError {
  return new GofleetError('usage', `@${name} ${message}.`, { remedy });
}
