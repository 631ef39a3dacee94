import { setImmediate as nextTick } from 'node:timers/promises';
import type { BlobRef, Trust } from '#api';
import type { ResolvedOperation } from '#operations';
import type { PlannedBatch, RolloutPlan, Strategy } from '#rollout';
import { trustText } from '../bundles/judge.ts';
import { digestOf } from './digest.ts';
import { batchNumbers, excludedHost, plannedHost, zoneOf, type NewHost } from './host-rows.ts';
import type { Prepared } from './prepare.ts';

/** A rollout on paper: all that is frozen of it, its hosts in pieces. */
export interface Drawing {
  plan: Omit<RolloutPlan, 'inventory' | 'playbook'>;
  /** Names under which these are shown. */
  playbook: string;
  inventory: string;
  targets: string;
  bundle: { name: string; digest: string };
  /** Who signed the bundle, as it was judged when this was drawn up. */
  trust: Trust;
  operations: ResolvedOperation[];
  blobs: BlobRef[];
  strategy: Strategy;
  batches: PlannedBatch[];
  /** Hosts of each site. */
  sites: [site: string, hosts: number][];
  /** Hosts that are planned, and those that are left out after them. */
  planned: number;
  excluded: number;
  /** Hosts of the inventory that the targets, and then the limit, do not match. */
  leftOut: { targets: number; limit: number };
  /** The time zone that most hosts have; undefined where most have none. */
  zone: string | undefined;
  warnings: string[];
  /** At most `most` hosts from that number on, excluded ones at the end. */
  hosts: (from: number, most: number) => Promise<NewHost[]>;
  digest: () => Promise<string>;
}

export function drawingOf(prepared: Prepared): Drawing {
  const { plan, planned, hosts, excluded } = prepared;
  const { inventory: _, playbook: __, ...rest } = plan;
  const batchOf = batchNumbers(planned.batches);
  const { failureDomain } = plan.strategy;
  const sites = Map.groupBy(hosts, ({ site }) => site);
  const rows: NewHost[] = [];
  const rowOf = (number: number): NewHost | undefined => {
    const host = hosts[number];
    if (host) return plannedHost(host, number, { batch: batchOf[number] ?? 1, failureDomain });
    const left = excluded[number - hosts.length];
    return left && excludedHost(left, number);
  };
  const drawing = {
    plan: rest,
    playbook: prepared.playbook,
    inventory: prepared.inventory,
    targets: prepared.targets,
    bundle: prepared.bundle,
    trust: prepared.trust,
    operations: prepared.operations,
    blobs: prepared.blobs,
    strategy: planned.strategy,
    batches: planned.batches,
    sites: [...sites].map(([site, at]): [string, number] => [site, at.length]),
    planned: hosts.length,
    excluded: excluded.length,
    leftOut: prepared.leftOut,
    zone: mostCommon(hosts.map(zoneOf)),
    warnings: [...warnOfTrust(prepared), ...prepared.warnings],
    /** Rows are made when they are first asked for, once for the ledger and the digest. */
    hosts: async (from: number, most: number) => {
      await nextTick();
      const end = Math.min(from + most, hosts.length + excluded.length);
      for (let number = rows.length; number < end; number++) {
        const row = rowOf(number);
        if (row) rows.push(row);
      }
      return rows.slice(from, end);
    },
  };
  return { ...drawing, digest: () => digestOf(drawing) };
}

function warnOfTrust({ bundle, trust }: Prepared): string[] {
  return trust.state === 'untrusted' ? [`bundle ${bundle.name}: ${trustText(trust)}`] : [];
}

function mostCommon(values: (string | undefined)[]): string | undefined {
  const counts = [...Map.groupBy(values, (value) => value)].map(([value, all]) => ({
    value,
    count: all.length,
  }));
  return counts.toSorted((a, b) => b.count - a.count)[0]?.value;
}
