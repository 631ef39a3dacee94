import { PROTOCOL, type Claim, type Invitation } from '#api';
import { toGofleetError } from '#errors';
import type { Outcome } from '#operations';
import type { Logger } from 'pino';
import { RELEASE } from '../process/release.ts';
import type { ControllerClient } from './controller-client.ts';
import type { ClaimReports, Reporter } from './reporter.ts';
import { untilAnswered } from './until-answered.ts';

/** What the work on an invitation needs. */
export interface WorkDeps {
  /** Names this process, new with each start. */
  worker: string;
  controller: ControllerClient;
  reporter: Reporter;
  /** Does what a claim asks for on its host. */
  visit(claim: Claim, reports: ClaimReports): Promise<Outcome>;
  /** Aborted when no more hosts are to be begun. */
  draining: AbortSignal;
  log: Logger;
}

/** From an invitation to an outcome that the controller has committed; nothing where the host is not to be had. */
export async function work(invitation: Invitation, deps: WorkDeps): Promise<void> {
  const askedAt = performance.now();
  const claim = await claimHost(invitation, deps);
  if (!claim || deps.reporter.has(claim)) return;
  const log = deps.log.child({ rollout: claim.rollout, host: claim.name, epoch: claim.epoch });
  const reports = deps.reporter.open(claim, askedAt);
  log.info({ task: claim.task }, 'claimed');
  const outcome = await deps.visit(claim, reports);
  log.info({ state: outcome.state, code: outcome.code, message: outcome.message }, 'ended');
  await reports.outcome(outcome);
}

/** Asks until the controller answers, so that an invitation is not wasted on one that starts again. */
async function claimHost(invitation: Invitation, deps: WorkDeps): Promise<Claim | undefined> {
  const { worker, controller, draining, log } = deps;
  const request = { protocol: PROTOCOL, release: RELEASE, worker, invitation };
  try {
    return await untilAnswered(
      () => controller.claim(request),
      draining,
      (message) => log.debug({ ...invitation, message }, 'not claimed yet'),
    );
  } catch (error) {
    if (!draining.aborted) log.error({ err: toGofleetError(error) }, 'a claim was refused');
    return undefined;
  }
}
