import { userInfo } from 'node:os';
import type { Claim } from '#api';
import { toGofleetError } from '#errors';
import {
  KnownTree,
  ResolvedOperation,
  visitHost,
  type Outcome,
  type Report,
  type Task,
  type Transport,
} from '#operations';
import {
  loginOf,
  openJumps,
  openTrials,
  resolveCredentials,
  type Jumps,
  type Resolved,
  type SecretPlaces,
  type Verdict,
} from '#ssh';
import pLimit from 'p-limit';
import { z } from 'zod';
import { openBuckets, throttledBlobs } from './bandwidth.ts';
import type { BlobsOf } from './blobs.ts';
import type { Bundles } from './bundles.ts';
import { openListings } from './listings.ts';
import type { ClaimReports } from './reporter.ts';

/** Handshakes at once: they are what costs. A host that does not answer holds a place until `timeouts.connect`. */
const HANDSHAKES = 32;

/** Does what claims ask for on their hosts. */
export interface Visitor extends AsyncDisposable {
  /** Never throws. */
  visit(claim: Claim, reports: ClaimReports): Promise<Outcome>;
}

/** What is sent to hosts, and whether it may be. */
export interface Cargo {
  blobs: BlobsOf;
  bundles: Bundles;
}

/** Logins, jump hosts and bandwidth are shared by all hosts of the worker. */
export function hostVisitor(places: SecretPlaces, cargo: Cargo): Visitor {
  const limit = pLimit(HANDSHAKES);
  const jumps = openJumps({ places, user: userInfo().username, limit });
  const connections: Connections = { limit, jumps };
  const trials = openTrials();
  const buckets = openBuckets();
  const listings = openListings();

  async function visit(claim: Claim, reports: ClaimReports): Promise<Outcome> {
    const ready = await prepare(claim, reports.signal);
    using blobs = cargo.blobs(claim.blobs);
    const task = taskOf(claim, ready);
    const login = loginOfClaim(claim, ready);
    const outcome = await trials.run(
      login,
      async (proven) => {
        const result = await visitHost(task, {
          connect: () => connectTo(claim, ready, reports.signal, connections),
          blobs: throttledBlobs(blobs, buckets.of(claim)),
          listing: (tree) => listings.of(tree, blobs),
          report: watching(reports, task, proven),
          signal: reports.signal,
          maySwitch: () => reports.mayStartSwitch(),
        });
        return { result, verdict: verdictOf(result, task) };
      },
      reports.signal,
    );
    return outcome ?? AUTH_HELD;
  }

  /** Whether it may be sent what it is to have, and what it is logged in with. */
  async function prepare(claim: Claim, signal: AbortSignal): Promise<Resolved | NotReady> {
    try {
      await cargo.bundles.check(claim, signal);
      return await resolveCredentials(claim, places);
    } catch (failure) {
      return { failure };
    }
  }

  return {
    visit: (claim, reports) => visit(claim, reports).catch(ownFault),
    [Symbol.asyncDispose]: () => jumps[Symbol.asyncDispose](),
  };
}

/** What comes before the work itself, such as a claim that cannot be read: no outcome of the host. */
function ownFault(error: unknown): Outcome {
  const { code, message, remedy } = toGofleetError(error);
  return { ...NOTHING, state: 'released', ownFault: 'site_unavailable', code, message, remedy };
}

const NOTHING = { unchanged: false, switched: false, attempts: 0, bytesSent: 0 };

const AUTH_HELD: Outcome = {
  ...NOTHING,
  state: 'released',
  ownFault: 'auth_held',
  code: 'auth_held',
  message: 'its password was refused by two hosts in a row and is not tried on more',
  remedy: 'Correct the password, then retry the hosts that refused it.',
};

/** Becomes the error of the attempt to connect, so that there is one place that says what an error means. */
type NotReady = { failure: unknown };

function taskOf(claim: Claim, resolved: Resolved | NotReady): Task {
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
    trees: claim.trees && z.array(KnownTree).parse(claim.trees),
    timeouts: claim.timeouts,
    retries: claim.retries,
  };
}

interface Connections {
  limit: <T>(run: () => Promise<T>) => Promise<T>;
  jumps: Jumps;
}

async function connectTo(
  { connection, timeouts, limits }: Claim,
  resolved: Resolved | NotReady,
  signal: AbortSignal,
  { limit, jumps }: Connections,
): Promise<Transport> {
  if ('failure' in resolved) throw resolved.failure;
  const { address, credentials } = resolved;
  const { port, hostKeys, user = userInfo().username } = connection;
  const target = { address, port, user, hostKeys };
  const options = { timeout: timeouts.connect, signal, limit };
  const { handshakesPerJump } = limits;
  return jumps.connect(target, credentials, {
    ...options,
    jumps: connection.jumps,
    handshakesPerJump,
  });
}

function loginOfClaim({ connection }: Claim, resolved: Resolved | NotReady): string | undefined {
  if ('failure' in resolved) return undefined;
  return loginOf(connection.user ?? '', resolved.credentials.password, resolved.becomePassword);
}

/** A password for sudo locks an account just as that of a login does. */
function verdictOf({ code, state }: Outcome, { become }: Task): Verdict {
  if (state === 'released') return 'nothing';
  const refused = code === 'auth' || (code === 'sudo' && become?.password !== undefined);
  return refused ? 'refused' : 'nothing';
}

/** The same, and it is known from the steps when all passwords of a login have worked. */
function watching(reports: ClaimReports, { become }: Task, proven: () => void): Report {
  const last = become?.password === undefined ? 'connect' : 'facts';
  return {
    switching: () => reports.switching(),
    step(record) {
      if (record.ok && record.name === last) proven();
      reports.step(record);
    },
  };
}
