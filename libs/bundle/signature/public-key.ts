import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { readWire, type WireReader } from './wire.ts';

/** A public key of SSH that signatures can be checked with. */
export interface SshPublicKey {
  /** `ssh-ed25519`, `sk-ssh-ed25519@openssh.com`, … */
  type: string;
  /** The key as it travels: what two keys are compared by. */
  blob: Buffer;
  key: KeyObject;
  /** Of a hardware key: what it was made for, such as `ssh:`. */
  application: string | undefined;
  /** `SHA256:…`, as ssh-keygen shows it. */
  fingerprint: string;
}

type Parse = (wire: WireReader) => { key: KeyObject; application?: string };

const PARSERS: Record<string, Parse> = {
  'ssh-ed25519': (wire) => ({ key: ed25519(wire.string()) }),
  'sk-ssh-ed25519@openssh.com': (wire) => {
    return { key: ed25519(wire.string()), application: wire.text() };
  },
  'ssh-rsa': (wire) => ({ key: rsa(wire.string(), wire.string()) }),
  'ecdsa-sha2-nistp256': (wire) => ({ key: ecdsa(wire) }),
  'ecdsa-sha2-nistp384': (wire) => ({ key: ecdsa(wire) }),
  'ecdsa-sha2-nistp521': (wire) => ({ key: ecdsa(wire) }),
  'sk-ecdsa-sha2-nistp256@openssh.com': (wire) => {
    return { key: ecdsa(wire), application: wire.text() };
  },
};

/** Reads a key as it travels. Throws `RangeError` for what is no key, or of a kind that cannot be checked (DSA, certificates). */
export function readPublicKey(blob: Buffer): SshPublicKey {
  const wire = readWire(blob);
  const type = wire.text();
  const parse = Object.hasOwn(PARSERS, type) ? PARSERS[type] : undefined;
  if (!parse) throw new RangeError(`keys of the kind ${JSON.stringify(type)} are not supported`);
  const { key, application } = parse(wire);
  if (wire.left > 0) throw new RangeError('there is something behind the key');
  return { type, blob, key, application, fingerprint: fingerprintOf(blob) };
}

/** `SHA256:…`, as ssh-keygen shows it. */
export function fingerprintOf(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

function ed25519(bytes: Buffer): KeyObject {
  return fromJwk({ kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') });
}

const LEAST_RSA = 2048;

function rsa(exponent: Buffer, modulus: Buffer): KeyObject {
  const n = unsigned(modulus);
  if (n.length * 8 < LEAST_RSA) throw new RangeError('RSA keys under 2048 bits are refused');
  const e = unsigned(exponent).toString('base64url');
  return fromJwk({ kty: 'RSA', n: n.toString('base64url'), e });
}

const CURVES: Record<string, { crv: string; bytes: number }> = {
  nistp256: { crv: 'P-256', bytes: 32 },
  nistp384: { crv: 'P-384', bytes: 48 },
  nistp521: { crv: 'P-521', bytes: 66 },
};

function ecdsa(wire: WireReader): KeyObject {
  const name = wire.text();
  const curve = Object.hasOwn(CURVES, name) ? CURVES[name] : undefined;
  const point = wire.string();
  if (!curve || point.length !== 1 + 2 * curve.bytes || point[0] !== 4)
    throw new RangeError('it is no point of a curve that is supported');
  const [x, y] = [point.subarray(1, 1 + curve.bytes), point.subarray(1 + curve.bytes)];
  const coordinates = { x: x.toString('base64url'), y: y.toString('base64url') };
  return fromJwk({ kty: 'EC', crv: curve.crv, ...coordinates });
}

/** Numbers travel with a sign: a zero byte in front says that they are positive. */
function unsigned(bytes: Buffer): Buffer {
  return bytes[0] === 0 ? bytes.subarray(1) : bytes;
}

function fromJwk(jwk: Record<string, string>): KeyObject {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch (cause) {
    throw new RangeError('the numbers of the key are no key', { cause });
  }
}
