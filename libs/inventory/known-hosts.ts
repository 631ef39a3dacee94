import { createHmac } from 'node:crypto';
import { plainKey } from './connection.ts';
import { globToRegExp } from './glob.ts';

/** The pins of a known_hosts file, ready to be looked up. */
export interface KnownHosts {
  /** Lines whose names are all plain, by name. */
  named: Map<string, PinnedLine[]>;
  /** Lines with wildcards or hashed names, which have to be tried. */
  tried: PinnedLine[];
  warnings: { line: number; message: string }[];
}

interface PinnedLine {
  marker: '' | '@revoked' | '@cert-authority';
  names: string[];
  key: string;
}

export interface Pins {
  /** `type base64`, without those that are revoked. */
  keys: string[];
  revoked: string[];
  /** Only a certificate authority answers for the host: `host_key_unsupported`. */
  unsupported: boolean;
}

/** Reads known_hosts; lines that make no sense become warnings, as in OpenSSH. */
export function parseKnownHosts(text: string): KnownHosts {
  const known: KnownHosts = { named: new Map(), tried: [], warnings: [] };
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const pinned = readLine(line);
    if (pinned) file(known, pinned);
    else known.warnings.push({ line: index + 1, message: 'this is no line of known_hosts' });
  }
  return known;
}

function readLine(line: string): PinnedLine | undefined {
  const fields = line.split(/\s+/);
  const marker = fields[0]?.startsWith('@') ? fields.shift() : '';
  if (marker !== '' && marker !== '@revoked' && marker !== '@cert-authority') return undefined;
  const [names = '', type = '', body = ''] = fields;
  const key = plainKey(`${type} ${body}`);
  return key === undefined ? undefined : { marker, names: names.split(','), key };
}

function file(known: KnownHosts, line: PinnedLine): void {
  if (line.names.some((name) => /^\||[*?!]/.test(name))) {
    known.tried.push(line);
    return;
  }
  for (const name of line.names) {
    const id = name.toLowerCase();
    known.named.set(id, [...(known.named.get(id) ?? []), line]);
  }
}

/** The keys that are pinned for a name, `ssh-ed25519 AAAA…`; none when only certificates are. */
export function pinnedKeys(known: KnownHosts, name: string, port: number): string[] {
  return lookUpPins(known, name, port).keys;
}

/** Looks for `[name]:port` (for 22 the bare name) and then, as OpenSSH does, for the bare name. */
export function lookUpPins(known: KnownHosts, name: string, port: number): Pins {
  const bare = name.toLowerCase();
  if (port === 22) return pinsOf(linesFor(known, bare));
  const exact = linesFor(known, `[${bare}]:${port}`);
  const found = exact.some((line) => line.marker !== '@revoked');
  return pinsOf(found ? exact : [...exact, ...linesFor(known, bare)]);
}

function pinsOf(lines: PinnedLine[]): Pins {
  const of = (marker: PinnedLine['marker']): string[] => [
    ...new Set(lines.filter((line) => line.marker === marker).map((line) => line.key)),
  ];
  const revoked = of('@revoked');
  const keys = of('').filter((key) => !revoked.includes(key));
  return { keys, revoked, unsupported: keys.length === 0 && of('@cert-authority').length > 0 };
}

function linesFor(known: KnownHosts, name: string): PinnedLine[] {
  const tried = known.tried.filter((line) => isFor(line, name));
  return [...(known.named.get(name) ?? []), ...tried];
}

/** One `!name` that matches takes the whole line away. */
function isFor(line: PinnedLine, name: string): boolean {
  const excluded = line.names.some((each) => each.startsWith('!') && matches(each.slice(1), name));
  return !excluded && line.names.some((each) => !each.startsWith('!') && matches(each, name));
}

function matches(pattern: string, name: string): boolean {
  if (pattern.startsWith('|1|')) return matchesHash(pattern, name);
  // brackets around a host with a port are no set of letters here
  const glob = pattern.toLowerCase().replaceAll('[', '[[]');
  return globToRegExp(glob).test(name);
}

function matchesHash(pattern: string, name: string): boolean {
  const [, , salt = '', hash = ''] = pattern.split('|');
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
}
