import { userInfo } from 'node:os';
import type { Claim } from '#api';
import { toGofleetError } from '#errors';
import { ResolvedOperation, visitHost, type Outcome, type Task } from '#operations';
import { connectSsh, resolveCredentials, type Resolved, type SecretPlaces } from '#ssh';
import pLimit from 'p-limit';
import { z } from 'zod';
import type { BlobsOf } from './blobs.ts';
import type { ClaimReports } from './reporter.ts';

/** Handshakes at once: they are what costs. A host that does not answer holds a place until `timeouts.connect`. */
const HANDSHAKES = 32;

type Limit = <T>(run: () => Promise<T>) => Promise<T>;

/** Does what a claim asks for on its host; never throws. */
export function hostVisitor(places: SecretPlaces, blobsOf: BlobsOf) {
  const limit = pLimit(HANDSHAKES);
  async function visit(claim: Claim, reports: ClaimReports): Promise<Outcome> {
    const resolved = await resolveCredentials(claim, places).catch(notResolved);
    return visitHost(taskOf(claim, resolved), {
      connect: () => connectTo(claim, resolved, reports.signal, limit),
      blobs: blobsOf(claim.blobs),
      report: reports,
      signal: reports.signal,
      maySwitch: () => reports.mayStartSwitch(),
    });
  }
  return (claim: Claim, reports: ClaimReports) => visit(claim, reports).catch(ownFault);
}

/** What comes before the work itself, such as a claim that cannot be read: no outcome of the host. */
function ownFault(error: unknown): Outcome {
  const { code, message, remedy } = toGofleetError(error);
  const nothing = { unchanged: false, switched: false, attempts: 0, bytesSent: 0 };
  return { state: 'released', ownFault: 'site_unavailable', code, message, remedy, ...nothing };
}

/** Becomes the error of the attempt to connect, so that there is one place that says what an error means. */
type NotResolved = { failure: unknown };

function notResolved(failure: unknown): NotResolved {
  return { failure };
}

function taskOf(claim: Claim, resolved: Resolved | NotResolved): Task {
  const { become, becomeUser, root } = claim.connection;
  const password = 'failure' in resolved ? undefined : resolved.becomePassword;
  return {
    task: claim.task,
    rollout: claim.rollout,
    fleet: claim.fleet,
    epoch: claim.epoch,
    adopt: claim.adopt,
    switched: claim.switched,
    root,
    become: become ? { user: becomeUser, password } : undefined,
    operations: z.array(ResolvedOperation).parse(claim.operations),
    timeouts: claim.timeouts,
    retries: claim.retries,
  };
}

async function connectTo(
  { connection, timeouts }: Claim,
  resolved: Resolved | NotResolved,
  signal: AbortSignal,
  limit: Limit,
) {
  if ('failure' in resolved) throw resolved.failure;
  const { port, hostKeys, user = userInfo().username } = connection;
  const target = { address: resolved.address, port, user, hostKeys };
  return connectSsh(target, resolved.credentials, { timeout: timeouts.connect, signal, limit });
}
