import { createHash } from 'node:crypto';
import { canonicalJson, type Verb } from '#rollout';

/** Names that an entry keeps; the rest is counted. */
const SHOWN = 1000;

/** What was asked, as the audit keeps it: of an inventory its digest, of a long list its beginning and its length. */
export function auditedVerb(verb: Verb): Record<string, unknown> {
  const asked: Record<string, unknown> = { ...verb };
  delete asked['note'];
  if ('inventory' in verb && verb.inventory !== undefined)
    asked['inventory'] = `sha256:${digestOf(verb.inventory)}`;
  if ('hosts' in verb && verb.hosts && verb.hosts.length > SHOWN)
    Object.assign(asked, { hosts: verb.hosts.slice(0, SHOWN), hostsAsked: verb.hosts.length });
  return asked;
}

function digestOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}
