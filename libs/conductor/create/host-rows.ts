import { createHash } from 'node:crypto';
import { isSecret, type Connection, type Host } from '#inventory';
import type { PlannedBatch, Reason } from '#rollout';

/** What of one host a rollout freezes, as its two rows hold it. */
export interface NewHost {
  number: number;
  name: string;
  site: string;
  address: string;
  /** Null: excluded. */
  batch: number | null;
  domain: string | null;
  zone: string | null;
  credential: string;
  /** JSON of why it is excluded, or null. */
  reason: string | null;
  groups: string;
  connection: string;
  traits: string;
}

/** A host that the plan leaves out, and why. */
export interface Excluded {
  host: Host;
  reason: Reason;
}

/** The variable that says in which time zone a host stands. */
export const ZONE = 'timezone';

/** A planned host, numbered as it is dispatched. */
export function plannedHost(
  host: Host,
  number: number,
  { batch, failureDomain }: { batch: number; failureDomain: string | undefined },
): NewHost {
  return { ...newHost(host, number), batch, domain: domainOf(host, failureDomain) ?? null };
}

/** Excluded hosts are numbered after all others. */
export function excludedHost({ host, reason }: Excluded, number: number): NewHost {
  return { ...newHost(host, number), reason: JSON.stringify(reason) };
}

/** The batch of every planned host, by its number. */
export function batchNumbers(batches: readonly Pick<PlannedBatch, 'number' | 'size'>[]): number[] {
  return batches.flatMap(({ number, size }) => Array<number>(size).fill(number));
}

/** What a host fails together with; numbers count as their text. */
export function domainOf({ vars }: Host, variable: string | undefined): string | undefined {
  return variable === undefined ? undefined : textOf(vars[variable]);
}

export function zoneOf({ vars }: Host): string | undefined {
  return textOf(vars[ZONE]);
}

function newHost(host: Host, number: number): NewHost {
  const { name, site, connection, groups } = host;
  return {
    number,
    name,
    site,
    address: `${connection.address}:${connection.port}`,
    batch: null,
    domain: null,
    zone: zoneOf(host) ?? null,
    credential: credentialOf(connection),
    reason: null,
    groups: JSON.stringify(groups),
    connection: JSON.stringify(connection),
    traits: JSON.stringify(traitsOf(host)),
  };
}

/** Names what a host is logged in with: hosts with the same text share a credential. It holds no secret. */
function credentialOf({ user, keyFile, password }: Connection): string {
  const parts = [
    user === undefined ? 'the default user' : `user ${user}`,
    ...(keyFile === undefined ? [] : [`key ${keyFile}`]),
    ...(password === undefined ? [] : [`password ${shortHash(password)}`]),
  ];
  return parts.join(', ');
}

/** A password may be an encrypted value, which is long and nobody's business. */
function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

const MOST_TRAITS = 50;
const LONGEST_TRAIT = 200;

/** Its plain variables that are no secret and no setting of ours or of Ansible: what failing hosts may share. */
function traitsOf({ vars }: Host): Record<string, string> {
  const traits: [string, string][] = [];
  for (const [key, value] of Object.entries(vars)) {
    if (/^(?:ansible_|gofleet_)|^site$/.test(key) || isSecret(key)) continue;
    const text = textOf(value);
    if (text === undefined || text.length > LONGEST_TRAIT || text.startsWith('secret:')) continue;
    if (/pass|secret|token|credential|private/i.test(key)) continue;
    traits.push([key, text]);
    if (traits.length === MOST_TRAITS) break;
  }
  return Object.fromEntries(traits);
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}
