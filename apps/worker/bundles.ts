import type { Claim } from '#api';
import { digestOf, judgeSignature, readManifest, type Manifest, type SigningPolicy } from '#bundle';
import { GofleetError, isGofleetError } from '#errors';
import { blobsOf, contradictions, ResolvedOperation } from '#operations';
import type { Log } from '#conductor';
import { z } from 'zod';
import type { ControllerClient } from './controller-client.ts';
import { untilAnswered } from './until-answered.ts';

/** Bundles as claims go by them. */
export interface Bundles {
  /**
   * Looks whether a claim may be worked on: who signed its bundle, and whether what is to be sent is what that bundle
   * has. Throws `signature_missing`, `signature_invalid`, `signature_untrusted`, `bundle_invalid`: faults of our side.
   */
  check(claim: Claim, signal: AbortSignal): Promise<void>;
}

/** Tasks that send something: undoing what was done, and looking at it, need no leave. */
const SENDING: Claim['task'][] = ['forward', 'bake'];
/** Rollouts of so many bundles are worked on at once without asking for one of them again. */
const KEPT = 4;

/** A manifest as the controller gave it. */
interface Known {
  bytes: Buffer;
  signature: string | null;
  manifest: Manifest;
}

/** Manifests are kept while they are used; who may sign is asked anew for each claim. */
export function openBundles(
  controller: Pick<ControllerClient, 'bundle'>,
  policyNow: () => Promise<SigningPolicy>,
  { draining, log }: { draining: AbortSignal; log: Pick<Log, 'warn'> },
): Bundles {
  const known = new Map<string, Promise<Known>>();
  const told = new Set<string>();

  async function check(claim: Claim, signal: AbortSignal): Promise<void> {
    if (!SENDING.includes(claim.task)) return;
    const policy = await policyNow();
    if (policy.mode === 'off') return;
    const { name, digest } = namedBy(claim);
    try {
      const { bytes, signature, manifest } = await unless(signal, know(digest));
      const trust = judgeSignature(bytes, signature, policy, Date.now());
      refuseOther(claim, manifest);
      if (trust.state === 'untrusted' && !told.has(digest))
        log.warn({ bundle: name, digest, code: trust.code }, `sent all the same: ${trust.message}`);
      told.add(digest);
    } catch (error) {
      // it may be signed meanwhile
      known.delete(digest);
      throw named(error, name);
    }
  }

  /** A controller that starts again just now is waited for. */
  function know(digest: string): Promise<Known> {
    const ask = () => fetchBundle(controller, digest);
    const found = known.get(digest) ?? untilAnswered(ask, draining, () => undefined);
    known.delete(digest);
    known.set(digest, found);
    const [oldest] = known.keys();
    if (known.size > KEPT && oldest !== undefined) known.delete(oldest);
    return found;
  }

  return { check };
}

/** Whoever is asked to stop waits no longer. */
async function unless<T>(signal: AbortSignal, answer: Promise<T>): Promise<T> {
  answer.catch(() => undefined);
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(new Error('asked to stop', { cause: signal.reason }));
  signal.addEventListener('abort', stop, { once: true });
  return Promise.race([answer, promise]).finally(() => signal.removeEventListener('abort', stop));
}

async function fetchBundle(
  controller: Pick<ControllerClient, 'bundle'>,
  digest: string,
): Promise<Known> {
  const { manifest: text, signature } = await controller.bundle(digest);
  const bytes = Buffer.from(text);
  if (digestOf(bytes) !== digest)
    throw new GofleetError('bundle_invalid', 'the controller sent another manifest', {
      remedy: 'Import the bundle again, and look at the machine of the controller.',
    });
  return { bytes, signature, manifest: readManifest(text) };
}

function namedBy({ bundle }: Claim): NonNullable<Claim['bundle']> {
  if (bundle) return bundle;
  throw new GofleetError('bundle_invalid', 'the claim does not say from which bundle it sends', {
    remedy: 'Use the same release of gofleet for worker and controller.',
  });
}

/** What is to be sent has to be what the manifest says, by name and by hash. */
function refuseOther({ operations, blobs }: Claim, manifest: Manifest): void {
  const resolved = z.array(ResolvedOperation).parse(operations);
  const own = new Set(blobsOf(resolved).map(({ sha256 }) => sha256));
  const strange = [
    ...contradictions(resolved, manifest),
    ...blobs.filter(({ sha256 }) => !own.has(sha256)).map(({ sha256 }) => `blob ${sha256}`),
  ];
  if (strange.length === 0) return;
  const list = strange.slice(0, 3).join(', ');
  throw new GofleetError('bundle_invalid', `what is to be sent is not what it has: ${list}`, {
    remedy: 'Somebody changed the rollout or the ledger: look at the machine of the controller.',
  });
}

function named(error: unknown, name: string): unknown {
  if (!isGofleetError(error)) return error;
  const { code, message, remedy, details, retryable } = error;
  return new GofleetError(code, `bundle ${name}: ${message}`, {
    remedy,
    details,
    retryable,
    cause: error,
  });
}
