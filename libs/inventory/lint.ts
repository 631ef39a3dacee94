import { closest } from 'fastest-levenshtein';
import { isGofleetError, type Fault } from '#errors';
import { duplicatesAmong } from './duplicates.ts';
import { mergedHost, planHost } from './host.ts';
import { isSecret, isSecretRef, OURS } from './known-variables.ts';
import type {
  Host,
  Inventory,
  InventoryGroup,
  InventoryHost,
  Position,
  VarsSource,
} from './types.ts';
import { hasVault } from './values.ts';
import { variablesOf } from './variables.ts';

/**
 * Everything in an inventory that a plan would refuse, or that is odd. `path` is the file. Hosts are
 * looked at one by one, so what a group says wrong is told once.
 */
export function lintInventory(inventory: Inventory): Fault[] {
  const owners = [...inventory.groups.values(), ...inventory.hosts.values()];
  return inFileOrder([
    ...inventory.warnings.map(({ file, line, message }) => ({ path: file, line, message })),
    ...owners.flatMap(lintVariables),
    ...lintHosts(inventory),
  ]);
}

function lintVariables(owner: InventoryGroup | InventoryHost): Fault[] {
  return [owner.own, owner.files].flatMap((source) =>
    Object.entries(source.vars).flatMap(([name, value]) => {
      const message = lintVariable(owner.name, name, value);
      return message === undefined ? [] : [faultAt(source, name, message)];
    }),
  );
}

function lintVariable(owner: string, name: string, value: unknown): string | undefined {
  if (isSecret(name) && value !== null && !isSecretRef(value) && !hasVault(value)) {
    return `${name} of "${owner}" is a password in plain text; write secret:env:GOFLEET_SECRET_NAME or secret:file:NAME`;
  }
  if (!name.startsWith('gofleet_') || OURS.includes(name)) return undefined;
  return `${name} of "${owner}" is no variable of gofleet; the nearest is ${closest(name, OURS)}`;
}

function lintHosts(inventory: Inventory): Fault[] {
  const variables = variablesOf(inventory);
  const found: Fault[] = [];
  const hosts: Host[] = [];
  for (const host of inventory.hosts.values()) {
    try {
      hosts.push(planHost(inventory, host, variables));
    } catch (error) {
      if (!isGofleetError(error)) throw error;
      // told where it is written, once, by lintVariables
      if (error.code !== 'plaintext_secret') found.push(...error.errors);
    }
  }
  return [...found, ...lintDuplicates(inventory, hosts)];
}

function lintDuplicates(inventory: Inventory, hosts: Host[]): Fault[] {
  const variables = variablesOf(inventory);
  return duplicatesAmong(hosts).flatMap(([first, second]) => {
    const host = inventory.hosts.get(second);
    if (!host) return [];
    const { file, line } = mergedHost(host, variables).origin('ansible_host') ?? host.position;
    const message = `duplicate_host: "${first}" and "${second}" have one address and port`;
    return [{ path: file, line, message }];
  });
}

function faultAt(source: VarsSource, name: string, message: string): Fault {
  const position: Position = source.positions.get(name) ?? { file: '', line: undefined };
  return { path: position.file, line: position.line, message };
}

function inFileOrder(faults: Fault[]): Fault[] {
  const distinct = new Map(faults.map((each) => [JSON.stringify(each), each]));
  return [...distinct.values()].toSorted(
    (a, b) => a.path.localeCompare(b.path) || (a.line ?? 0) - (b.line ?? 0),
  );
}
