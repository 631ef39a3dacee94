import { createHash } from 'node:crypto';
import { GofleetError } from '#errors';
import { fingerprintOf, readPublicKey } from './public-key.ts';
import { readWire } from './wire.ts';

/** Says of a key as it travels whether it is revoked. */
export type IsRevoked = (blob: Buffer) => boolean;

/** As `ssh-keygen -k` begins its files. */
const KRL = Buffer.from('SSHKRL\n\0');

/**
 * Reads what `ssh-keygen -r` reads: a key revocation list, or public keys one a line (`SHA256:…` fingerprints too).
 * Throws `invalid_file`: what cannot be read must not pass for "nothing is revoked".
 */
export function parseRevokedKeys(bytes: Buffer, file = 'revoked_keys'): IsRevoked {
  try {
    return bytes.subarray(0, KRL.length).equals(KRL) ? parseList(bytes) : parseLines(bytes);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new GofleetError('invalid_file', `${file}: ${why}`, {
      remedy:
        'Make it with `ssh-keygen -k -f revoked_keys key.pub`, or write one public key a line.',
      errors: [{ path: file, message: why }],
      cause,
    });
  }
}

function parseLines(bytes: Buffer): IsRevoked {
  const revoked = new Set<string>();
  for (const [index, written] of bytes.toString('utf8').split('\n').entries()) {
    const line = written.trim();
    if (line === '' || line.startsWith('#')) continue;
    const [first = '', second] = line.split(/\s+/);
    if (/^SHA256:[A-Za-z0-9+/]{43}$/.test(first)) revoked.add(first);
    else if (second !== undefined && /^(sk-)?(ssh|ecdsa)-/.test(first))
      revoked.add(readPublicKey(Buffer.from(second, 'base64')).fingerprint);
    else throw new RangeError(`line ${index + 1} is no public key`);
  }
  return (blob) => revoked.has(fingerprintOf(blob));
}

const EXPLICIT_KEY = 2;
const SHA1 = 3;
const SIGNATURE = 4;
const SHA256 = 5;
const EXTENSION = 255;

/** The format is in PROTOCOL.krl of OpenSSH. Certificates (section 1) cannot sign here, so theirs are passed over. */
function parseList(bytes: Buffer): IsRevoked {
  const wire = readWire(bytes.subarray(KRL.length));
  if (wire.uint32() !== 1) throw new RangeError('the version of the revocation list is not known');
  wire.bytes(8 + 8 + 8); // number, time, flags
  wire.string(); // reserved
  wire.string(); // comment
  const revoked = { keys: new Set<string>(), sha1: new Set<string>(), sha256: new Set<string>() };
  while (wire.left > 0) {
    const kind = wire.byte();
    const section = readWire(wire.string());
    const into = setOf(kind, revoked);
    if (into) while (section.left > 0) into.add(section.string().toString('hex'));
  }
  const digest = (name: string, blob: Buffer) => createHash(name).update(blob).digest('hex');
  return (blob) =>
    revoked.keys.has(blob.toString('hex')) ||
    revoked.sha1.has(digest('sha1', blob)) ||
    revoked.sha256.has(digest('sha256', blob));
}

function setOf(
  kind: number,
  revoked: { keys: Set<string>; sha1: Set<string>; sha256: Set<string> },
): Set<string> | undefined {
  if (kind === EXPLICIT_KEY) return revoked.keys;
  if (kind === SHA1) return revoked.sha1;
  if (kind === SHA256) return revoked.sha256;
  if (kind === 1 || kind === SIGNATURE || kind === EXTENSION) return undefined;
  throw new RangeError(`section ${kind} of the revocation list is not known`);
}
