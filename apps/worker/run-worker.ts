import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { PROTOCOL, type Hello } from '#api';
import { GofleetError } from '#errors';
import { takeInvitations, type Taker } from '#queue';
import type { Logger } from 'pino';
import { openLog } from '../process/log.ts';
import { stopSignal } from '../process/stop-signal.ts';
import { within } from '../process/within.ts';
import { signingPolicy, type SigningOptions } from '../process/signing-policy.ts';
import { openBlobs } from './blobs.ts';
import { openBundles } from './bundles.ts';
import { openControllerClient, type ControllerClient } from './controller-client.ts';
import type { WorkerOptions } from './options.ts';
import { openReporter, type Reporter } from './reporter.ts';
import { untilAnswered } from './until-answered.ts';
import { hostVisitor } from './visit.ts';
import { readWorkerFile } from './worker-file.ts';
import { work, type WorkDeps } from './work.ts';

const CONCURRENCY = 50;
/** Of the 30 s in which a worker ends: what is under way has this long, its last reports the rest. */
const WORK_ENDS_WITHIN = 25_000;
const REPORTS_END_WITHIN = 3000;
const QUEUE_ENDS_WITHIN = 1000;

/**
 * Takes invitations of one site and works on hosts until SIGTERM or SIGINT. `ready` is called when it takes them.
 * Returns the exit code; throws a GofleetError where it cannot start.
 */
export async function runWorker(
  options: WorkerOptions,
  ready: () => void = () => undefined,
): Promise<number> {
  const draining = new AbortController();
  const stopped = stopSignal().finally(() => draining.abort());
  const log = openLog('worker').child({ site: options.site });
  const controller = openControllerClient(options.controller, await tokenOf(options));
  const { allow, signing } = await readWorkerFile(options.config, options.trusting ?? false);
  const policy = signingPolicy(told(options, signing), options.store);
  const bundles = openBundles(controller, policy, { draining: draining.signal, log });
  const blobs = await openBlobs(options, controller, log);
  const hello = await greet(controller, options, draining.signal, log);
  const worker = `${options.site}-${process.pid}-${randomUUID().slice(0, 8)}`;
  const reporter = openReporter(controller, worker, log);
  await using visitor = hostVisitor({ ...places(options), allow }, { blobs, bundles });
  const visit: WorkDeps['visit'] = (claim, reports) => visitor.visit(claim, reports);
  const deps: WorkDeps = { worker, controller, reporter, visit, draining: draining.signal, log };
  const { taker, atWork } = take(options, hello, deps);
  ready();
  log.info({ worker, controller: options.controller }, 'taking invitations');
  log.info({ why: await stopped }, 'stopping');
  await drain(taker, atWork, reporter);
  return 0;
}

/** What the command line says goes before worker.yaml. */
function told(options: SigningOptions, file: SigningOptions): SigningOptions {
  return {
    bundlePolicy: options.bundlePolicy ?? file.bundlePolicy,
    allowedSigners: options.allowedSigners ?? file.allowedSigners,
    revokedKeys: options.revokedKeys ?? file.revokedKeys,
  };
}

async function tokenOf({ token, tokenFile }: WorkerOptions): Promise<string> {
  if (token !== undefined) return token;
  const remedy = 'Make one with `gofleet token create --worker --site SITE`, and name its file.';
  if (tokenFile === undefined)
    throw new GofleetError('usage', 'a worker needs a token', { remedy });
  try {
    return (await readFile(tokenFile, 'utf8')).trim();
  } catch (cause) {
    throw new GofleetError('usage', `the token file ${tokenFile} cannot be read`, {
      remedy,
      cause,
    });
  }
}

function places({ keys, secrets }: WorkerOptions) {
  return { keysFolder: resolve(keys), secretsFolder: resolve(secrets), env: process.env };
}

/** Waits for the controller, and makes sure that the two fit together. */
async function greet(
  controller: ControllerClient,
  { site }: WorkerOptions,
  draining: AbortSignal,
  log: Logger,
): Promise<Hello> {
  const say = (message: string) => log.warn({ message }, 'waiting for the controller');
  const hello = await untilAnswered(() => controller.hello(), draining, say);
  if (hello.site !== site)
    throw new GofleetError('usage', `the token is for the site ${hello.site}, not ${site}`, {
      remedy: `Start the worker with --site ${hello.site}, or make a token for ${site}.`,
    });
  if (hello.protocol >= PROTOCOL) return hello;
  throw new GofleetError('upgrade_required', 'the controller is older than this worker', {
    remedy: 'Bring the controller to the release of the worker first.',
  });
}

interface Taking {
  taker: Taker;
  atWork: Set<Promise<void>>;
}

function take(options: WorkerOptions, { queue }: Hello, deps: WorkDeps): Taking {
  const atWork = new Set<Promise<void>>();
  const taker = takeInvitations({
    redisUrl: options.redis,
    prefix: queue.prefix,
    site: options.site,
    concurrency: options.concurrency ?? CONCURRENCY,
    onError: (error) => deps.log.debug({ err: error }, 'the queue does not answer'),
    async take(invitation) {
      if (deps.draining.aborted) return;
      const one = work(invitation, deps);
      atWork.add(one);
      await one.finally(() => atWork.delete(one));
    },
  });
  return { taker, atWork };
}

/** No new claims; uploads stop and are kept, switch and check finish, the rest is given back, and it is all told. */
async function drain(taker: Taker, atWork: Set<Promise<void>>, reporter: Reporter): Promise<void> {
  reporter.drain();
  const paused = taker.pause();
  await within(WORK_ENDS_WITHIN, Promise.allSettled([paused, ...atWork]));
  await within(REPORTS_END_WITHIN, reporter.close());
  await within(QUEUE_ENDS_WITHIN, taker[Symbol.asyncDispose]());
}
