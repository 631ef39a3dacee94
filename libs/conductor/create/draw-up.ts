import { GofleetError, isGofleetError } from '#errors';
import { selectAll, selectNames, type Host, type Inventory } from '#inventory';
import type { ResolvedOperation } from '#operations';
import {
  planDigest,
  planRollout,
  type PlannedHost,
  type PlannedRollout,
  type Reason,
} from '#rollout';
import { domainOf, zoneOf, type Excluded } from './host-rows.ts';
import { pin, readKnownHosts, warnOfUnpinned } from './pins.ts';
import { withLines, type ReadPlan } from './read-plan.ts';
import { readInventory } from './sources.ts';

/** What else a plan is drawn up from: what the controller itself knows. */
export interface Given {
  operations: ResolvedOperation[];
  /** The digest of the bundle. */
  bundle: string;
  /** Hosts in quarantine, by name. */
  quarantine: [name: string, reason: Reason][];
}

/** The hosts of a plan, cut into batches. */
export interface DrawnUp {
  /** Planned hosts with their pins, numbered as they are dispatched. */
  hosts: Host[];
  excluded: Excluded[];
  planned: PlannedRollout;
  /** Under which name the inventory is shown. */
  inventory: string;
  targets: string;
  /** Hosts of the inventory that the targets, and then the limit, leave out. */
  leftOut: { targets: number; limit: number };
  warnings: string[];
}

const MOST_WARNINGS = 100;

/** Selects the hosts of a plan and cuts them into batches. Throws what is wrong with them, with path and line. */
export async function drawUp(read: ReadPlan, given: Given): Promise<DrawnUp> {
  return withLines(read.source, () => draw(read, given));
}

async function draw(read: ReadPlan, given: Given): Promise<DrawnUp> {
  const { plan, source } = read;
  const inventory = await readInventory(source, plan.inventory);
  const known = await readKnownHosts(source.knownHosts);
  const selected = selectAll(inventory.value, plan.targets, { limit: source.limit });
  const pinned = selected.hosts.map((host) => pin(host, known));
  const { hosts, excluded } = withoutQuarantined(pinned, given.quarantine);
  const { failureDomain } = plan.strategy;
  const planned = planRollout(
    plan,
    hosts.map((host): PlannedHost => {
      const { name, connection } = host;
      return { name, connection, domain: domainOf(host, failureDomain), zone: zoneOf(host) };
    }),
    { seed: seedOf(read, given), matching: (pattern) => matching(inventory.value, pattern) },
  );
  return {
    hosts: planned.order.flatMap((place) => hosts[place] ?? []),
    excluded,
    planned,
    inventory: inventory.name,
    targets:
      source.limit === undefined ? plan.targets : `${plan.targets} limited to ${source.limit}`,
    leftOut: {
      targets: inventory.value.hosts.size - selected.matched,
      limit: selected.matched - selected.hosts.length,
    },
    warnings: [
      ...warnOfUnpinned(hosts),
      ...selected.unmatched.map(
        (part) => `targets: nothing matches ${part}; is it spelt as in the inventory?`,
      ),
      ...planned.warnings,
      ...inventory.value.warnings.map(({ file, line, message }) =>
        line === undefined ? `${file}: ${message}` : `${file} line ${line}: ${message}`,
      ),
    ].slice(0, MOST_WARNINGS),
  };
}

function withoutQuarantined(all: Host[], quarantine: Given['quarantine']) {
  const reasons = new Map(quarantine);
  const hosts = all.filter(({ name }) => !reasons.has(name));
  const excluded = all.flatMap((host) => {
    const reason = reasons.get(host.name);
    return reason ? [{ host, reason }] : [];
  });
  if (hosts.length === 0) throw allExcluded(excluded.length);
  return { hosts, excluded };
}

/** Equal plans over equal things are shuffled alike, so that a rollout runs as its preview said. */
function seedOf({ plan, source }: ReadPlan, given: Given): string {
  const { inventory: _, ...rest } = plan;
  const { operations, bundle } = given;
  return planDigest({ plan: rest, limit: source.limit, operations, bundle });
}

/** The names of a pattern; nothing is no fault here, the plan says what it means. */
function matching(inventory: Inventory, pattern: string): Set<string> {
  try {
    return new Set(selectNames(inventory, pattern));
  } catch (error) {
    if (isGofleetError(error, 'no_hosts')) return new Set();
    throw error;
  }
}

function allExcluded(hosts: number): GofleetError {
  const message = `all ${hosts} hosts that match are in quarantine`;
  return new GofleetError('no_hosts', message, {
    remedy: 'Release them (`gofleet fleet release`), or correct `targets`.',
    errors: [{ path: 'targets', message }],
  });
}
