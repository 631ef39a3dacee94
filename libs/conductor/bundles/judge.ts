import type { Trust } from '#api';
import { judgeKey, judgeSignature, type SigningPolicy } from '#bundle';
import { GofleetError, isGofleetError, toGofleetError } from '#errors';
import type { BundleRow, Queries } from '#ledger';
import type { Engine } from '../engine.ts';

/** Who may sign bundles, as the files say now. Throws `invalid_file` where they cannot be read. */
export async function policyOf({ signing }: Pick<Engine, 'signing'>): Promise<SigningPolicy> {
  return signing ? signing() : NOBODY_ASKED;
}

const NOBODY_ASKED: SigningPolicy = { mode: 'off', signers: [], isRevoked: () => false };

/** A manifest with what was signed of it. */
export type Signed = Pick<BundleRow, 'name' | 'manifest' | 'signature'>;

/**
 * Judges a bundle as of now. Throws, where only signed ones are taken, `signature_missing`, `signature_invalid`,
 * `signature_untrusted` naming the bundle.
 */
export async function judgeBundle(engine: Engine, bundle: Signed): Promise<Trust> {
  return judgeBy(await policyOf(engine), bundle, engine.clock.now());
}

/** The same by a policy that was read already. */
export function judgeBy(policy: SigningPolicy, bundle: Signed, now: number): Trust {
  const { name, manifest, signature } = bundle;
  try {
    return judgeSignature(Buffer.from(manifest), signature, policy, now);
  } catch (error) {
    if (!isGofleetError(error)) throw error;
    const message = `bundle ${name} is refused: ${error.message}`;
    const { code, remedy } = error;
    throw new GofleetError(code, message, {
      remedy,
      errors: [{ path: 'bundle', message }],
      cause: error,
    });
  }
}

/** Judges many for people to look at: none is refused. Manifests are read only where they have to be. */
export async function trustsOf(
  engine: Engine,
  queries: Queries,
  bundles: readonly Pick<BundleRow, 'digest' | 'name' | 'signature' | 'signed_by'>[],
): Promise<Map<string, Trust>> {
  const now = engine.clock.now();
  const policy = await policyOf(engine).catch(unreadable);
  const found = new Map<string, Trust>();
  for (const { digest, signature, signed_by } of bundles) {
    if ('state' in policy) found.set(digest, policy);
    else if (signature === null || signed_by !== null)
      found.set(digest, judgeKey(keyOf(signed_by), policy, now));
    else found.set(digest, await judgeWhole(queries, digest, policy, now));
  }
  return found;
}

function keyOf(signedBy: string | null): Buffer | null {
  return signedBy === null ? null : Buffer.from(signedBy, 'base64');
}

/** Who may sign cannot be read: then nobody may. */
function unreadable(error: unknown): Trust {
  const { message } = toGofleetError(error);
  return { state: 'untrusted', code: 'signature_untrusted', message };
}

async function judgeWhole(
  queries: Queries,
  digest: string,
  policy: SigningPolicy,
  now: number,
): Promise<Trust> {
  const bundle = await queries
    .selectFrom('bundles')
    .select(['name', 'manifest', 'signature'])
    .where('digest', '=', digest)
    .executeTakeFirstOrThrow();
  const mode = policy.mode === 'off' ? 'off' : 'warn';
  return judgeBy({ ...policy, mode }, bundle, now);
}

/** What a judgement comes to, in words for a line of the log, a warning or the audit. */
export function trustText(trust: Trust): string {
  switch (trust.state) {
    case 'trusted':
      return `signed by ${trust.signer} (${trust.fingerprint})`;
    case 'untrusted':
      return trust.message;
    case 'unchecked':
      return 'nobody was asked who signed it';
    default:
      return trust satisfies never;
  }
}
