import { PROTOCOL, type Actor, type Claim, type Outcome, type Report } from '#api';
import type { Conductor } from '#conductor';
import { isGofleetError } from '#errors';
import type { FakeQueue } from './fake-queue.ts';

/** What becomes of a claim: its outcome, or undefined to keep it at work. */
export type Behaviour = (claim: Claim) => Partial<Outcome> | undefined;

export const SUCCESS: Outcome = {
  state: 'succeeded',
  unchanged: false,
  switched: true,
  attempts: 1,
  bytesSent: 100,
  before: { go: null },
  after: { go: '1.21.5' },
};

export function failed(code: string, message = `${code} on the host`): Partial<Outcome> {
  return { state: 'failed', switched: false, code, message, remedy: 'mend it' };
}

/** A worker that connects to nothing: it claims, and says what its behaviour says. */
export function createFakeWorker(conductor: () => Conductor, queue: FakeQueue, site = 'default') {
  const by: Actor = { token: 'w', name: `worker ${site}`, role: 'worker', site };
  const working = new Map<string, { claim: Claim; seq: number }>();
  const claims: Claim[] = [];
  const refused: string[] = [];
  const stops: { host: number; why: string }[] = [];
  const id = `worker-${site}`;
  const keyOf = ({ rollout, host, epoch }: { rollout: string; host: number; epoch: number }) =>
    `${rollout}.${host}.${epoch}`;

  async function send(reports: Report[], open = true) {
    const answer = await conductor().report(by, {
      protocol: PROTOCOL,
      worker: id,
      working: [...working.values()].map(({ claim }) => ({
        rollout: claim.rollout,
        host: claim.host,
        epoch: claim.epoch,
      })),
      open,
      reports,
    });
    stops.push(...answer.stop.map(({ host, why }) => ({ host, why })));
    return answer;
  }

  async function claimNext(): Promise<Claim | undefined> {
    for (;;) {
      const invitation = queue.take(site);
      if (!invitation) return undefined;
      try {
        const request = { protocol: PROTOCOL, release: '0.1.0', worker: id, invitation };
        const claim = await conductor().claim(by, request);
        claims.push(claim);
        return claim;
      } catch (error) {
        if (!isGofleetError(error)) throw error;
        const { why } = error.details;
        refused.push(typeof why === 'string' ? why : error.code);
      }
    }
  }

  const worker = {
    by,
    id,
    claims,
    refused,
    stops,
    working,
    /** The claims that it works on now. */
    atWork: () => [...working.values()],
    behave: (() => ({})) as Behaviour,
    beat: (open = true) => send([], open),
    send,
    /** Ends a claim that is at work. */
    async finish(claim: Claim, outcome: Partial<Outcome>) {
      const entry = working.get(keyOf(claim)) ?? { claim, seq: 0 };
      entry.seq++;
      working.delete(keyOf(claim));
      const report = outcomeReport(claim, entry.seq, outcome);
      await send([report]);
      return report;
    },
    /** Takes every invitation there is; true where there was one. */
    async work(): Promise<boolean> {
      let any = false;
      for (let claim = await claimNext(); claim; claim = await claimNext()) {
        any = true;
        working.set(keyOf(claim), { claim, seq: 0 });
        const outcome = worker.behave(claim);
        if (outcome) await worker.finish(claim, outcome);
      }
      return any;
    },
  };
  return worker;
}

export type FakeWorker = ReturnType<typeof createFakeWorker>;

/** By default a forward claim succeeds, a rollback is rolled back, a probe finds the host well. */
function outcomeReport(claim: Claim, seq: number, outcome: Partial<Outcome>): Report {
  const state = claim.task === 'rollback' ? ('rolled_back' as const) : ('succeeded' as const);
  return {
    rollout: claim.rollout,
    host: claim.host,
    epoch: claim.epoch,
    seq,
    outcome: { ...SUCCESS, state, ...outcome },
  };
}
