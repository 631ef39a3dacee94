import { PROTOCOL, type Actor, type Rollout } from '#api';
import { once, type UnderWay } from './access/once.ts';
import { createRefusals } from './access/refusals.ts';
import { listAudit } from './access/audit.ts';
import { createKnownTokens } from './access/known-tokens.ts';
import {
  authenticate,
  createToken,
  ensureToken,
  listTokens,
  revokeToken,
} from './access/tokens.ts';
import { appendBlob, blobStatus, readBlob } from './bundles/blobs.ts';
import { bundleForWorker } from './bundles/for-worker.ts';
import { createGate } from './bundles/gate.ts';
import { importBundle } from './bundles/import.ts';
import { getBundle, listBundles } from './bundles/list.ts';
import { removeBundle } from './bundles/remove.ts';
import { createConducting, type Conducting } from './conduct/conducting.ts';
import { createDrawn, createRollout } from './create/create.ts';
import { withDrawing } from './create/draft.ts';
import { drawingOfSketch, sketchOf, type Sketch } from './create/sketch.ts';
import { removeStaged } from './create/stage.ts';
import type { ConductorDeps } from './deps.ts';
import type { Engine } from './engine.ts';
import { createBell } from './events/bell.ts';
import { followEvents } from './events/follow.ts';
import { adopt } from './fleet/adopt.ts';
import { getFleetHost, listFleet } from './fleet/list.ts';
import { quarantine, release } from './fleet/quarantine.ts';
import { freeze, getFreeze, unfreeze } from './freeze/freeze.ts';
import { createFrozenPlans } from './frozen.ts';
import type { Conductor, Tagged } from './interface.ts';
import { createSending, type Sending } from './loops/sending.ts';
import { steadyClock } from './loops/steady-clock.ts';
import { startTicking } from './loops/ticking.ts';
import { getPlan } from './preview/get.ts';
import { previewLive } from './preview/live.ts';
import { previewPlan } from './preview/preview.ts';
import { getReading } from './readings/get.ts';
import { readHosts } from './readings/read-hosts.ts';
import { noteRestore } from './recovery/after-restore.ts';
import { backUp } from './recovery/back-up.ts';
import { getRecovery, recover } from './recovery/recover.ts';
import { latestRestore, restore } from './recovery/restore.ts';
import { listDecisions } from './reads/decisions.ts';
import { explain } from './reads/explanation.ts';
import { createFailureReads } from './reads/failures.ts';
import { evidence } from './reads/report.ts';
import { getHost, hostLog } from './reads/host-detail.ts';
import { listHosts } from './reads/hosts.ts';
import { getBatch, getRollout, listBatches, listRollouts } from './reads/rollouts.ts';
import { act } from './verbs/act.ts';
import { claim } from './claims/claim.ts';
import { extendLeases } from './claims/leases.ts';
import { report } from './claims/report.ts';

/** Takes up where the ledger stands: leases get one more term, and every rollout that is not final goes on. */
export async function openConductor(deps: ConductorDeps): Promise<Conductor> {
  return (await openSettling(deps)).conductor;
}

/** A conductor with what simulations and tests need beside it. */
export interface Open {
  conductor: Conductor;
  /** Starts a rollout of what was drawn up elsewhere. */
  create(by: Actor, sketch: Sketch): Promise<Tagged<Rollout>>;
  /** Resolves when nothing is left to do at this instant. */
  settled(): Promise<void>;
}

/** As `openConductor`. */
export async function openSettling(deps: ConductorDeps): Promise<Open> {
  const clock = steadyClock(deps.clock);
  const { engine, conducting, sending } = createEngine({ ...deps, clock });
  const restored = await noteRestore(engine);
  await extendLeases(engine);
  await removeStaged(engine);
  const ticking = startTicking(engine, clock);
  engine.wakeAll();
  engine.send();
  return {
    conductor: bind(engine, restored, async () => {
      await ticking.stop();
      await conducting.stop();
      await sending.stop();
    }),
    create: (by, sketch) => createDrawn(engine, by, drawingOfSketch(sketch)),
    async settled() {
      for (let quiet = 0; quiet < 2; quiet++) {
        await Promise.all([ticking.idle(), conducting.idle(), sending.idle()]);
        await new Promise((done) => setImmediate(done));
      }
    },
  };
}

function createEngine(deps: ConductorDeps): {
  engine: Engine;
  conducting: Conducting;
  sending: Sending;
} {
  const bell = createBell(deps.clock);
  const engine: Engine = {
    ...deps,
    bell,
    bundles: createGate(),
    frozen: createFrozenPlans(),
    tokens: createKnownTokens(),
    write: async (job, patience) => {
      const result = await deps.ledger.write(job, patience);
      bell.ring();
      return result;
    },
    wake: (rollout) => conducting.wake(rollout),
    wakeAll: () => conducting.wakeAll(),
    send: () => sending.send(),
  };
  const conducting = createConducting(engine);
  const sending = createSending(engine);
  return { engine, conducting, sending };
}

/** Each use case with the engine put in. */
function bind(engine: Engine, restored: boolean, stop: () => Promise<void>): Conductor {
  const underWay: UnderWay = new Map();
  const failures = createFailureReads(engine);
  const refusals = createRefusals(engine);
  const ending = new AbortController();
  return {
    fleet: engine.ledger.fleet,
    restored,
    previewPlan: (by, request) => previewPlan(engine, by, request),
    sketchPlan: (by, request) => withDrawing(engine, { by, request }, sketchOf),
    previewLive: (by, request) => previewLive(engine, by, request),
    getPlan: (id) => getPlan(engine, id),
    createRollout: (by, request) => createRollout(engine, by, request),
    listRollouts: (filter) => listRollouts(engine, filter),
    getRollout: (id) => getRollout(engine, id),
    act: (by, id, verb, options) => act(engine, by, id, verb, options),
    listBatches: (id, page) => listBatches(engine, id, page),
    getBatch: (id, number) => getBatch(engine, id, number),
    listHosts: (id, filter) => listHosts(engine, id, filter),
    getHost: (id, name) => getHost(engine, id, name),
    hostLog: (id, name) => hostLog(engine, id, name),
    listDecisions: (id, page) => listDecisions(engine, id, page),
    evidence: (id, format) => evidence(engine, id, format),
    explain: (id) => explain(engine, id),
    listFailures: (id) => failures.list(id),
    followEvents: (id, after, signal) =>
      followEvents(engine, id, after, AbortSignal.any([signal, ending.signal])),
    readHosts: (by, body) => readHosts(engine, by, body),
    getReading: (id, page) => getReading(engine, id, page),
    backUp: (by) => backUp(engine, by),
    restore: (by, bytes, options) => restore(engine, by, bytes, options),
    latestRestore: () => latestRestore(engine),
    recover: (by, body) => recover(engine, by, body),
    getRecovery: (id) => getRecovery(engine, id),
    hello: async ({ site }) => ({
      protocol: PROTOCOL,
      release: engine.release,
      fleet: engine.ledger.fleet,
      site: site ?? '',
      queue: { name: engine.queue.nameOf(site ?? ''), prefix: engine.queue.prefix },
    }),
    claim: (worker, request) => claim(engine, worker, request),
    report: (worker, request) => report(engine, worker, request),
    bundleForWorker: (worker, digest) => bundleForWorker(engine, worker, digest),
    importBundle: (by, body) => importBundle(engine, by, body),
    removeBundle: (by, name) => removeBundle(engine, by, name),
    listBundles: (page) => listBundles(engine, page),
    getBundle: (name) => getBundle(engine, name),
    blobStatus: (by, sha256) => blobStatus(engine, by, sha256),
    appendBlob: (by, sha256, offset, bytes) => appendBlob(engine, by, sha256, offset, bytes),
    readBlob: (by, sha256, range) => readBlob(engine, by, sha256, range),
    listFleet: (filter) => listFleet(engine, filter),
    getFleetHost: (name) => getFleetHost(engine, name),
    quarantine: (by, host, body) => quarantine(engine, by, host, body),
    release: (by, host) => release(engine, by, host),
    getFreeze: () => getFreeze(engine),
    freeze: (by, body) => freeze(engine, by, body),
    unfreeze: (by) => unfreeze(engine, by),
    adopt: (by, body) => adopt(engine, by, body),
    authenticate: (secret) => authenticate(engine, secret),
    createToken: (by, body) => createToken(engine, by, body),
    ensureToken: (token) => ensureToken(engine, token),
    listTokens: (page) => listTokens(engine, page),
    revokeToken: (by, id) => revokeToken(engine, by, id),
    listAudit: (page) => listAudit(engine, page),
    noteRefusal: (refusal) => refusals.note(refusal),
    once: (request, run) => once(engine, underWay, request, run),
    ready: async () => {
      await engine.ledger.read((queries) => queries.selectFrom('fleet').select('id').execute());
      await engine.dispatch.ping();
    },
    stop: async () => {
      ending.abort();
      await stop();
    },
  };
}
