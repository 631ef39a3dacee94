import { createHash, verify } from 'node:crypto';
import { GofleetError } from '#errors';
import { readPublicKey, type SshPublicKey } from './public-key.ts';
import { readWire, wireString } from './wire.ts';

/** What a bundle is signed for: a signature made for something else is none. */
export const NAMESPACE = 'gofleet-bundle';

/** A signature as `ssh-keygen -Y sign` writes it; nothing of it has been checked. */
export interface SshSignature {
  publicKey: SshPublicKey;
  namespace: string;
  hash: 'sha256' | 'sha512';
  /** `ssh-ed25519`, `rsa-sha2-512`, … */
  algorithm: string;
  bytes: Buffer;
}

const BEGIN = '-----BEGIN SSH SIGNATURE-----';
const END = '-----END SSH SIGNATURE-----';
const MAGIC = Buffer.from('SSHSIG');
/** Larger than any signature there is. */
const MOST = 100_000;

/** Reads an armoured signature. Throws `signature_invalid`. */
export function readSignature(armoured: string): SshSignature {
  try {
    return parse(unwrap(armoured));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw invalid(`the signature cannot be read: ${why}`, cause);
  }
}

/** Throws `signature_invalid` where the key did not sign just these bytes for bundles. */
export function checkSignature(signature: SshSignature, message: Buffer): void {
  if (signature.namespace !== NAMESPACE)
    throw invalid(`it was made for ${JSON.stringify(signature.namespace)}, not ${NAMESPACE}`);
  const signed = Buffer.concat([
    MAGIC,
    wireString(signature.namespace),
    wireString(''),
    wireString(signature.hash),
    wireString(createHash(signature.hash).update(message).digest()),
  ]);
  if (!isSignedBy(signature, signed))
    throw invalid('the manifest is not the one that was signed, or the signature was changed');
}

function unwrap(armoured: string): Buffer {
  const text = armoured.trim();
  if (text.length > MOST || !text.startsWith(BEGIN) || !text.endsWith(END))
    throw new RangeError(`it does not stand between "${BEGIN}" and "${END}"`);
  const body = text.slice(BEGIN.length, -END.length).replace(/\s/g, '');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(body)) throw new RangeError('it is not base64');
  return Buffer.from(body, 'base64');
}

function parse(bytes: Buffer): SshSignature {
  const wire = readWire(bytes);
  if (!wire.bytes(MAGIC.length).equals(MAGIC)) throw new RangeError('it is no SSHSIG');
  const version = wire.uint32();
  if (version !== 1) throw new RangeError(`its version ${version} is not known`);
  const publicKey = readPublicKey(wire.string());
  const namespace = wire.text();
  wire.string(); // reserved
  const hash = wire.text();
  if (hash !== 'sha256' && hash !== 'sha512')
    throw new RangeError(`its hash ${JSON.stringify(hash)} is not known`);
  const inner = readWire(wire.string());
  if (wire.left > 0) throw new RangeError('there is something behind it');
  const algorithm = inner.text();
  return { publicKey, namespace, hash, algorithm, bytes: inner.bytes(inner.left) };
}

/** Key types and the algorithms that they may sign with; RSA with SHA-1 is none. */
const ALGORITHMS: Record<string, Record<string, string | null>> = {
  'ssh-ed25519': { 'ssh-ed25519': null },
  'ssh-rsa': { 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512' },
  'ecdsa-sha2-nistp256': { 'ecdsa-sha2-nistp256': 'sha256' },
  'ecdsa-sha2-nistp384': { 'ecdsa-sha2-nistp384': 'sha384' },
  'ecdsa-sha2-nistp521': { 'ecdsa-sha2-nistp521': 'sha512' },
  'sk-ssh-ed25519@openssh.com': { 'sk-ssh-ed25519@openssh.com': null },
  'sk-ecdsa-sha2-nistp256@openssh.com': { 'sk-ecdsa-sha2-nistp256@openssh.com': 'sha256' },
};

function isSignedBy({ publicKey, algorithm, bytes }: SshSignature, signed: Buffer): boolean {
  const known = ALGORITHMS[publicKey.type] ?? {};
  const digest = Object.hasOwn(known, algorithm) ? known[algorithm] : undefined;
  if (digest === undefined)
    throw invalid(`${publicKey.type} keys do not sign with ${JSON.stringify(algorithm)}`);
  try {
    const wire = readWire(bytes);
    const raw = wire.string();
    const message = hardwareMessage(publicKey, signed, wire);
    if (wire.left > 0) return false;
    const signature = publicKey.key.asymmetricKeyType === 'ec' ? toRaw(raw, publicKey) : raw;
    const key = { key: publicKey.key, dsaEncoding: 'ieee-p1363' as const };
    return verify(digest, message, key, signature);
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** A hardware key signs what it was made for, its flags and its counter besides; it must have been touched. */
function hardwareMessage(
  { application }: SshPublicKey,
  signed: Buffer,
  wire: ReturnType<typeof readWire>,
): Buffer {
  if (application === undefined) return signed;
  const rest = wire.bytes(5);
  const touched = ((rest[0] ?? 0) & 1) === 1;
  if (!touched) throw new RangeError('nobody touched the key');
  const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest();
  return Buffer.concat([sha256(application), rest, sha256(signed)]);
}

/** SSH writes the two numbers of ECDSA with lengths; the other form gives each the bytes of the curve. */
function toRaw(bytes: Buffer, { key }: SshPublicKey): Buffer {
  const curve = key.asymmetricKeyDetails?.namedCurve;
  const length = curve === 'secp521r1' ? 66 : curve === 'secp384r1' ? 48 : 32;
  const wire = readWire(bytes);
  return Buffer.concat([wire.string(), wire.string()].map((number) => padded(number, length)));
}

function padded(number: Buffer, length: number): Buffer {
  const significant = number[0] === 0 ? number.subarray(1) : number;
  if (significant.length > length) throw new RangeError('a number is too large for the curve');
  return Buffer.concat([Buffer.alloc(length - significant.length), significant]);
}

function invalid(message: string, cause?: unknown): GofleetError {
  return new GofleetError('signature_invalid', `manifest.json.sig: ${message}`, {
    remedy: 'Bring the bundle anew from where it was signed, or have it signed again.',
    cause,
  });
}
