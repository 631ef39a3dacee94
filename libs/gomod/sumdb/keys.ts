import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { GofleetError } from '#errors';

/** Who signs notes, as in `sum.golang.org+033de0ae+Ac4z…` (golang.org/x/mod/sumdb/note). */
export interface VerifierKey {
  name: string;
  /** The first four bytes of a hash over name and key, in hex. */
  id: string;
  /** The key as it was written. */
  text: string;
  publicKey: KeyObject;
}

/** A key that signs notes, as in `PRIVATE+KEY+sum.corp.example+1a2b3c4d+AeIn…`. */
export interface SignerKey {
  verifier: VerifierKey;
  privateKey: KeyObject;
}

const ED25519 = 1;
/** What stands before the 32 bytes of a private Ed25519 key in PKCS #8 (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

/** Reads a verifier key. Throws `invalid_file` where it is none. */
export function parseVerifierKey(text: string): VerifierKey {
  const [name = '', id = '', ...rest] = text.trim().split('+');
  if (!isKeyName(name)) throw badKey('verifier', badName(name));
  const key = verifierOf(name, rawKey(rest.join('+'), 'verifier'));
  if (key.id !== id) throw badKey('verifier', 'its hash does not fit');
  return key;
}

/** Reads a signer key. Throws `invalid_file` where it is none; the key itself is not in the message. */
export function parseSignerKey(text: string): SignerKey {
  const [priv, word, name = '', id, ...rest] = text.trim().split('+');
  if (priv !== 'PRIVATE' || word !== 'KEY')
    throw badKey('signer', 'it has no PRIVATE+KEY in front');
  if (!isKeyName(name)) throw badKey('signer', badName(name));
  const key = signerOf(name, rawKey(rest.join('+'), 'signer'));
  if (key.verifier.id !== id) throw badKey('signer', 'its hash does not fit');
  return key;
}

/** A new key for a database of this name: the text to be kept secret, and what hosts are to trust. */
export function newSignerKey(name: string): { signer: string; verifier: string } {
  if (!isKeyName(name)) throw badKey('signer', badName(name));
  const { privateKey } = generateKeyPairSync('ed25519');
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(PKCS8.length);
  const { verifier } = signerOf(name, seed);
  return {
    signer: `PRIVATE+KEY+${name}+${verifier.id}+${encoded(seed)}`,
    verifier: verifier.text,
  };
}

/** `host[/path]`, as go asks for: it becomes a part of URLs and of folders. */
export function isKeyName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9.-]*(?::\d{1,5})?(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/.test(name);
}

function verifierOf(name: string, raw: Buffer): VerifierKey {
  const id = keyId(name, raw);
  const der = Buffer.concat([SPKI, raw]);
  return {
    name,
    id,
    text: `${name}+${id}+${encoded(raw)}`,
    publicKey: createPublicKey({ key: der, format: 'der', type: 'spki' }),
  };
}

function signerOf(name: string, seed: Buffer): SignerKey {
  const der = Buffer.concat([PKCS8, seed]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return { verifier: verifierOf(name, spki.subarray(SPKI.length)), privateKey };
}

function keyId(name: string, raw: Buffer): string {
  return createHash('sha256')
    .update(`${name}\n`)
    .update(Buffer.from([ED25519]))
    .update(raw)
    .digest('hex')
    .slice(0, 8);
}

function encoded(raw: Buffer): string {
  return Buffer.concat([Buffer.from([ED25519]), raw]).toString('base64');
}

function rawKey(base64: string, kind: string): Buffer {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.toString('base64') !== base64 || bytes.length !== 33 || bytes[0] !== ED25519)
    throw badKey(kind, 'it is no Ed25519 key in base64');
  return bytes.subarray(1);
}

function badName(name: string): string {
  return `${JSON.stringify(name)} cannot be its name, which is a host and maybe a path`;
}

function badKey(kind: string, why: string): GofleetError {
  return new GofleetError('invalid_file', `this is no ${kind} key of a checksum database: ${why}`, {
    remedy:
      kind === 'signer'
        ? 'Make one with `gofleet bundle sumdb-key NAME`, and name the file as it was written.'
        : 'Write it as NAME+HASH+KEY, as whoever runs the database publishes it.',
  });
}
