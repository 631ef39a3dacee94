import type { HostRefreshed } from '#api';
import { canonicalJson } from '#rollout';
import type { NewHost } from '../create/host-rows.ts';

/** What of a host a refresh may change, as its rows hold it. */
export type Refreshable = Pick<NewHost, 'groups' | 'connection' | 'traits' | 'zone' | 'credential'>;

type Changes = HostRefreshed['changes'];

const SECRETS = new Set(['password', 'becomePassword']);

/** The keys that differ, with both values; passwords are said to differ and not shown. */
export function compareHosts(before: Refreshable, after: Refreshable): Changes {
  return [
    ...compareObjects(before.connection, after.connection),
    ...differing('groups', JSON.parse(before.groups), JSON.parse(after.groups)),
    ...differing('timezone', before.zone, after.zone),
    ...compareObjects(before.traits, after.traits),
  ];
}

function compareObjects(before: string, after: string): Changes {
  const [old, young] = [toRecord(before), toRecord(after)];
  const keys = new Set([...Object.keys(old), ...Object.keys(young)]);
  return [...keys].flatMap((key) => differing(key, old[key] ?? null, young[key] ?? null));
}

/** An earlier release left lists out that are empty now. */
function differing(key: string, before: unknown, after: unknown): Changes {
  const both = [before, after].map((value) =>
    Array.isArray(value) && value.length === 0 ? null : value,
  );
  if (canonicalJson(both[0]) === canonicalJson(both[1])) return [];
  return SECRETS.has(key)
    ? [{ key, before: masked(before), after: masked(after) }]
    : [{ key, before, after }];
}

function masked(value: unknown): string | null {
  return value === null ? null : '********';
}

function toRecord(text: string): Record<string, unknown> {
  const value: unknown = JSON.parse(text);
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
