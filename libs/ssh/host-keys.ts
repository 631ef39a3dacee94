import { createHash } from 'node:crypto';
import { GofleetError } from '#errors';
import type { ServerHostKeyAlgorithm } from 'ssh2';

/** The kinds of host keys that can be pinned, with the signature algorithms that a host may use for them. */
export const KEY_TYPES: Record<string, ServerHostKeyAlgorithm[]> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
};

/** A pinned key: its type and its bytes as they come over the wire. */
export interface Pin {
  type: string;
  key: Buffer;
}

/**
 * Reads pins as `ssh-ed25519 AAAA…`. Throws `host_key_unknown` where there is none, `host_key_unsupported` where
 * there are only certificates and the like: nothing is connected to then.
 */
export function readPins(host: string, lines: readonly string[]): Pin[] {
  if (lines.length === 0)
    throw new GofleetError('host_key_unknown', `no host key is pinned for ${host}`, {
      remedy:
        'Run `gofleet hosts scan`, compare the key with the one on the host, and put it into known_hosts or `gofleet_host_key`.',
    });
  const pins = lines.flatMap((line) => readPin(line));
  if (pins.length > 0) return pins;
  throw new GofleetError(
    'host_key_unsupported',
    `the pinned host key of ${host} is of a kind that cannot be used: ${lines.join('; ').slice(0, 200)}`,
    { remedy: `Pin a key of the kind ${Object.keys(KEY_TYPES).join(', ')}.` },
  );
}

/** `SHA256:…` as ssh-keygen -l prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** The type that a key names itself (RFC 4253, 6.6). */
export function typeOf(key: Buffer): string {
  const length = key.length >= 4 ? key.readUInt32BE(0) : 0;
  return key.subarray(4, 4 + length).toString('latin1');
}

function readPin(line: string): Pin[] {
  const [type = '', text = ''] = line.trim().split(/\s+/);
  if (!(type in KEY_TYPES)) return [];
  const key = Buffer.from(text, 'base64');
  return typeOf(key) === type ? [{ type, key }] : [];
}
