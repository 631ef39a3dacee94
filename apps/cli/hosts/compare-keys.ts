import { createHash } from 'node:crypto';
import { lookUpPins, type KnownHosts } from '#inventory';

/** A host that was asked for its key. */
export interface AskedHost {
  name: string;
  port: number;
  /** What the inventory itself pins; may be empty. */
  pinned: string[];
}

/** How the key that a host shows stands to what is known of it. */
export type Verdict = 'new' | 'known' | 'changed' | 'revoked';

export interface Compared {
  verdict: Verdict;
  /** The keys that were known, as fingerprints. */
  expected: string[];
}

/** `key` is `ssh-ed25519 AAAA…`. What the inventory pins comes before known_hosts. */
export function compareKey(host: AskedHost, key: string, known: KnownHosts): Compared {
  const { keys, revoked } = lookUpPins(known, host.name, host.port);
  const pinned = host.pinned.length > 0 ? host.pinned : keys;
  return {
    verdict: verdictOf(key, pinned, revoked),
    expected: pinned.map(fingerprint),
  };
}

function verdictOf(key: string, pinned: string[], revoked: string[]): Verdict {
  if (revoked.includes(key)) return 'revoked';
  if (pinned.length === 0) return 'new';
  return pinned.includes(key) ? 'known' : 'changed';
}

/** A line of known_hosts, under the name that gofleet looks up. */
export function knownHostsLine({ name, port }: AskedHost, key: string): string {
  return `${port === 22 ? name : `[${name}]:${port}`} ${key}`;
}

/** `ED25519 SHA256:…`, as ssh-keygen -l shows it. */
export function fingerprint(key: string): string {
  const [type = '', body = ''] = key.split(' ');
  const hash = createHash('sha256').update(Buffer.from(body, 'base64')).digest('base64');
  const kind = type.replace(/^ssh-/, '').replace(/^ecdsa-sha2-.*/, 'ecdsa');
  return `${kind.toUpperCase()} SHA256:${hash.replace(/=+$/, '')}`;
}
