import { PROTOCOL, type Actor, type Claim, type ClaimConnection, type ClaimRequest } from '#api';
import { GofleetError } from '#errors';
import type { Connection } from '#inventory';
import { insertRows, prepared, type HostRow as LedgerHost, type Queries, type Slot } from '#ledger';
import type { RolloutPlan } from '#rollout';
import { workClock } from '../conduct/clock.ts';
import { loadFreeze } from '../conduct/freeze.ts';
import type { Engine } from '../engine.ts';
import { tell } from '../events/tell.ts';
import { LEASE } from './constants.ts';
import { findHost, storeHost, toHostRow } from './host-row.ts';
import { findRegistered, updateRegistered } from './registry.ts';
import { liveWorkers, noteBeat } from './workers.ts';

/** Of rollouts that an earlier release froze. */
const NO_LIMITS = { handshakesPerJump: 8 };

/** A worker that claims without a beat for so long is noted by its claim; beats renew its leases besides. */
const LATE = 6000;

/** Makes a host that was invited a worker's own: `queued` -> `running`, a greater epoch, a lease. */
export async function claim(engine: Engine, by: Actor, request: ClaimRequest): Promise<Claim> {
  refuseProtocol(request.protocol);
  const now = engine.clock.now();
  return engine.write(async (queries) => {
    const row = await findInvited(queries, by, request);
    const { worker, release } = request;
    await noteBeat(queries, { worker, site: row.site, release, open: true, now }, LATE);
    if (isAnswerLost(row, request)) return grant(engine, queries, row, row.epoch);
    refuseOthers(row, request);
    const { reading } = await engine.frozen.of(queries, row.rollout);
    if (!reading) await refuseFrozen(queries, row);
    const epoch = (reading ? row.epoch : await epochOf(queries, row)) + 1;
    await take(queries, row, { epoch, worker, now });
    if (!reading) await updateRegistered(queries, row, { epoch });
    return grant(engine, queries, row, epoch);
  }, engine.patience);
}

/** The release before this one spoke the protocol before. */
export function refuseProtocol(protocol: number): void {
  if (protocol === PROTOCOL || (protocol === PROTOCOL - 1 && protocol > 0)) return;
  throw new GofleetError('upgrade_required', `protocol ${protocol} is not ${PROTOCOL}`, {
    remedy: 'Install the release of the controller on this worker.',
  });
}

async function findInvited(
  queries: Queries,
  by: Actor,
  { invitation }: ClaimRequest,
): Promise<LedgerHost> {
  const row = await findHost(queries, invitation.rollout, invitation.host);
  if (!row) throw superseded('there is no such host');
  if (by.site === row.site) return row;
  throw new GofleetError('forbidden', `this token is for the site ${by.site}, not ${row.site}`, {
    remedy: 'Use a token of the site that the host belongs to.',
  });
}

/** A claim that was granted to the same worker, whose answer did not arrive. */
function isAnswerLost(row: LedgerHost, { worker, invitation }: ClaimRequest): boolean {
  return row.work === 'claimed' && row.worker === worker && row.delivery === invitation.delivery;
}

function refuseOthers(row: LedgerHost, { invitation }: ClaimRequest): void {
  if (row.work === 'claimed') throw conflict('leased', 'another worker has it');
  if (row.delivery !== invitation.delivery) throw superseded('a later invitation is out');
  if (row.work !== 'queued') throw conflict('paused', 'its invitation was taken back');
}

/** A freeze that came after the invitation: nothing forward begins, and nothing back where it says so. */
async function refuseFrozen(queries: Queries, { task }: LedgerHost): Promise<void> {
  if (task === 'probe' || task === 'bake') return;
  const freeze = await loadFreeze(queries);
  if (!freeze || (task === 'back' && !freeze.rollbacks)) return;
  throw conflict('frozen', freeze.reason.message);
}

interface Taken {
  epoch: number;
  worker: string;
  now: number;
}

async function take(queries: Queries, row: LedgerHost, { epoch, worker, now }: Taken) {
  const before = toHostRow(row);
  const forward = row.task === 'forward' && row.state === 'queued';
  const [columns] = await clockOf(queries, { rollout: row.rollout });
  const clock = columns ? workClock(columns, now) : 0;
  await storeHost(queries, row, forward ? { ...before, state: 'running' } : before, {
    work: 'claimed',
    epoch,
    worker,
    lease_until: now + LEASE,
    stop: 0,
    step: null,
    started_at: row.started_at ?? now,
    work_from: row.task === 'forward' ? clock : (row.work_from ?? clock),
  });
  await insertRows(queries, 'claims', [
    {
      rollout: row.rollout,
      host: row.number,
      epoch,
      task: row.task ?? 'forward',
      worker,
      site: row.site,
      started_at: now,
      ended_at: null,
      outcome: null,
      code: null,
      message: null,
      bytes_sent: 0,
      last_seq: 0,
    },
  ]);
  if (!forward) return;
  const details = { state: 'running', epoch, worker };
  await tell(queries, now, {
    type: 'host.state',
    rollout: row.rollout,
    batch: row.batch,
    host: row.name,
    details,
  });
}

const clockOf = prepared((queries, slot: Slot<{ rollout: string }>) =>
  queries
    .selectFrom('rollouts')
    .select(['worked', 'worked_since'])
    .where('id', '=', slot('rollout')),
);

const bundleOf = prepared((queries, slot: Slot<{ rollout: string }>) =>
  queries
    .selectFrom('rollouts')
    .select(['bundle_name as name', 'bundle_digest as digest'])
    .where('id', '=', slot('rollout')),
);

const specOf = prepared((queries, slot: Slot<{ rollout: string; host: number }>) =>
  queries
    .selectFrom('host_specs')
    .select(['groups', 'connection'])
    .where('rollout', '=', slot('rollout'))
    .where('number', '=', slot('host')),
);

async function epochOf(queries: Queries, row: LedgerHost): Promise<number> {
  return (await findRegistered(queries, row))?.epoch ?? 0;
}

async function grant(
  engine: Engine,
  queries: Queries,
  row: LedgerHost,
  epoch: number,
): Promise<Claim> {
  const { rollout, number: host, name, site } = row;
  const { plan, operations, blobs, reading, trees } = await engine.frozen.of(queries, rollout);
  const [bundle] = reading ? [] : await bundleOf(queries, { rollout });
  const registered = await findRegistered(queries, row);
  const [spec] = await specOf(queries, { rollout, host });
  if (!spec) throw new RangeError(`nothing is frozen of host ${host} of ${rollout}`);
  const { connect, step, host: whole } = plan.timeouts;
  return {
    rollout,
    host,
    name,
    site,
    groups: JSON.parse(spec.groups) as string[],
    fleet: engine.ledger.fleet,
    epoch,
    leaseMs: LEASE,
    task: taskOf(row, reading === true),
    adopt: registered?.adopt === 1,
    switched: row.changed === 1,
    connection: toConnection(JSON.parse(spec.connection) as FrozenConnection),
    operations,
    blobs,
    ...(trees && { trees }),
    bundle: bundle ?? null,
    timeouts: { connect, step, host: whole },
    retries: plan.retries,
    limits: await shareOf(queries, { site, now: engine.clock.now() }, plan.limits ?? NO_LIMITS),
  };
}

/** As it is called on the wire. */
function taskOf({ task }: LedgerHost, reading: boolean): Claim['task'] {
  if (task === 'back') return 'rollback';
  if (task === 'probe' || task === 'bake') return task;
  return reading ? 'read' : 'forward';
}

/** What of the limits of the plan falls to one worker: workers that take claims share alike. */
async function shareOf(
  queries: Queries,
  at: { site: string; now: number },
  { bandwidth, perSite, handshakesPerJump }: RolloutPlan['limits'],
): Promise<Claim['limits']> {
  if (bandwidth === undefined && perSite === undefined) return { handshakesPerJump };
  const workers = await liveWorkers(queries, at);
  return {
    ...(bandwidth !== undefined && { bandwidth: Math.ceil(bandwidth / workers.all) }),
    ...(perSite !== undefined && { perSite: Math.ceil(perSite / workers.atSite) }),
    handshakesPerJump,
  };
}

/** An earlier release froze none with jump hosts. */
type FrozenConnection = Omit<Connection, 'jumps'> & Partial<Pick<Connection, 'jumps'>>;

/** What is absent stays absent on the wire. */
function toConnection(connection: FrozenConnection): ClaimConnection {
  const { address, port, user, keyFile, password, become, becomeUser, becomePassword } = connection;
  const { root, hostKeys, jumps } = connection;
  return {
    address,
    port,
    user,
    keyFile,
    password,
    become,
    becomeUser,
    becomePassword,
    root,
    hostKeys,
    jumps: jumps ?? [],
  };
}

function superseded(why: string): GofleetError {
  return new GofleetError('superseded', `this invitation is void: ${why}`, {
    remedy: 'Nothing: the host is invited again when its turn comes.',
    details: { why: 'superseded' },
  });
}

function conflict(why: 'leased' | 'paused' | 'frozen', message: string): GofleetError {
  return new GofleetError('conflict', `this host cannot be claimed: ${message}`, {
    remedy: 'Nothing: the host is invited again when its turn comes.',
    details: { why },
  });
}
