import { lookUpPins, type KnownHosts } from '#inventory';
import { fingerprint } from '#ssh';

/** A host that was asked for its key. */
export interface AskedHost {
  name: string;
  port: number;
  /** What the inventory itself pins; may be empty. */
  pinned: string[];
}

/** How the keys that a host shows stand to what is known of it. */
export type Verdict = 'new' | 'known' | 'changed' | 'revoked';

export interface Compared {
  verdict: Verdict;
  /** The keys that were known, as they are shown. */
  expected: string[];
}

/** `keys` are `ssh-ed25519 AAAA…`, one of each kind. What the inventory pins comes before known_hosts. */
export function compareKeys(host: AskedHost, keys: string[], known: KnownHosts): Compared {
  const found = lookUpPins(known, host.name, host.port);
  const pinned = host.pinned.length > 0 ? host.pinned : found.keys;
  return { verdict: verdictOf(keys, pinned, found.revoked), expected: pinned.map(shownKey) };
}

/** Only kinds of which a key is known can be compared, and one at least has to be. */
function verdictOf(keys: string[], pinned: string[], revoked: string[]): Verdict {
  if (keys.some((key) => revoked.includes(key))) return 'revoked';
  if (pinned.length === 0) return 'new';
  const kinds = new Set(pinned.map(kindOf));
  const comparable = keys.filter((key) => kinds.has(kindOf(key)));
  const same = comparable.length > 0 && comparable.every((key) => pinned.includes(key));
  return same ? 'known' : 'changed';
}

function kindOf(key: string): string {
  return key.split(' ')[0] ?? '';
}

/** Lines of known_hosts, under the name that gofleet looks up. */
export function knownHostsLines({ name, port }: AskedHost, keys: string[]): string[] {
  return keys.map((key) => `${port === 22 ? name : `[${name}]:${port}`} ${key}`);
}

/** `ED25519 SHA256:…`, as `ssh-keygen -l` shows it. */
export function shownKey(key: string): string {
  const [type = '', body = ''] = key.split(' ');
  const kind = type.replace(/^ssh-/, '').replace(/^ecdsa-sha2-.*/, 'ecdsa');
  return `${kind.toUpperCase()} ${fingerprint(Buffer.from(body, 'base64'))}`;
}
