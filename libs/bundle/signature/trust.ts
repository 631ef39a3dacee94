import { GofleetError, isGofleetError } from '#errors';
import type { AllowedSigner } from './allowed-signers.ts';
import { fingerprintOf } from './public-key.ts';
import type { IsRevoked } from './revoked-keys.ts';
import { checkSignature, readSignature } from './sshsig.ts';

/** Who may sign bundles, and what becomes of one that nobody of them signed. */
export interface SigningPolicy {
  /** `require`: refused. `warn`: taken and told. `off`: not looked at. */
  mode: 'require' | 'warn' | 'off';
  signers: readonly AllowedSigner[];
  isRevoked: IsRevoked;
}

/** Codes of the errors that say why a signature does not count. */
export const SIGNATURE_FAULTS = [
  'signature_missing',
  'signature_invalid',
  'signature_untrusted',
] as const;
export type SignatureFault = (typeof SIGNATURE_FAULTS)[number];

/** What was found out about the signature of a bundle. */
export type Trust =
  | { state: 'trusted'; signer: string; fingerprint: string }
  | { state: 'untrusted'; code: SignatureFault; message: string }
  | { state: 'unchecked' };

/**
 * Judges the signature of a manifest at a moment (milliseconds since 1970). Throws, with mode `require`,
 * `signature_missing`, `signature_invalid`, `signature_untrusted`.
 */
export function judgeSignature(
  manifest: Buffer,
  signature: string | null,
  policy: SigningPolicy,
  now: number,
): Trust {
  if (policy.mode === 'off') return { state: 'unchecked' };
  try {
    return trusted(manifest, signature, policy, now);
  } catch (error) {
    const found = policy.mode === 'warn' ? faultOf(error) : undefined;
    if (!found) throw error;
    return found;
  }
}

/** What an error says of a signature; undefined where it is about something else. */
export function faultOf(error: unknown): Extract<Trust, { state: 'untrusted' }> | undefined {
  if (!isGofleetError(error)) return undefined;
  const code = SIGNATURE_FAULTS.find((each) => each === error.code);
  return code && { state: 'untrusted', code, message: error.message };
}

function trusted(
  manifest: Buffer,
  armoured: string | null,
  policy: SigningPolicy,
  now: number,
): Trust {
  if (armoured === null) throw missing();
  const signature = readSignature(armoured);
  checkSignature(signature, manifest);
  return trustedKey(signature.publicKey.blob, policy, now);
}

/**
 * Judges anew a signature that was checked before: by its public key, as `signedBy` gave it, and `null` where there is
 * no signature. Never throws.
 */
export function judgeKey(key: Buffer | null, policy: SigningPolicy, now: number): Trust {
  if (policy.mode === 'off') return { state: 'unchecked' };
  try {
    if (key === null) throw missing();
    return trustedKey(key, policy, now);
  } catch (error) {
    const found = faultOf(error);
    if (!found) throw error;
    return found;
  }
}

/** The public key, as it travels, that a signature of these bytes was made with; undefined where it is none of them. */
export function signedBy(manifest: Buffer, armoured: string): Buffer | undefined {
  try {
    const signature = readSignature(armoured);
    checkSignature(signature, manifest);
    return signature.publicKey.blob;
  } catch (error) {
    if (faultOf(error)) return undefined;
    throw error;
  }
}

function trustedKey(key: Buffer, { signers, isRevoked }: SigningPolicy, now: number): Trust {
  const fingerprint = fingerprintOf(key);
  if (isRevoked(key)) throw untrusted(`the key ${fingerprint} is revoked`);
  const own = signers.filter((signer) => signer.key.blob.equals(key));
  if (own.length === 0) throw untrusted(`the key ${fingerprint} is none of the allowed signers`);
  const valid = own.find(
    ({ validAfter = -Infinity, validBefore = Infinity }) => now >= validAfter && now < validBefore,
  );
  if (!valid)
    throw untrusted(`the key ${fingerprint} of ${own[0]?.principals} is not valid at this time`);
  return { state: 'trusted', signer: valid.principals, fingerprint };
}

function missing(): GofleetError {
  return new GofleetError('signature_missing', 'the bundle is not signed', {
    remedy: 'Sign it with `gofleet bundle sign`, where it was built.',
  });
}

function untrusted(message: string): GofleetError {
  return new GofleetError('signature_untrusted', `manifest.json.sig: ${message}`, {
    remedy: 'Have the bundle signed by an allowed signer, or add the key to allowed_signers.',
  });
}
