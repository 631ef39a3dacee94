import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { openConductor, type ConductorDeps } from '#conductor';
import { GofleetError } from '#errors';
import { openLedger } from '#ledger';
import { openQueues, queueName } from '#queue';
import { openStore } from '#store';
import { listenAddress, urlOf, type ListenAddress } from '../process/listen-address.ts';
import { openLog } from '../process/log.ts';
import { RELEASE } from '../process/release.ts';
import { signingPolicy } from '../process/signing-policy.ts';
import { stopSignal } from '../process/stop-signal.ts';
import { systemClock } from './clock.ts';
import { ensureFirstTokens } from './first-tokens.ts';
import { notifyCommands } from './notify/run-notify-command.ts';
import { openApp } from './open-app.ts';
import type { ControllerOptions } from './options.ts';

/** Milliseconds: far below what a worker notices, and far above what comes at the same instant under load. */
const PATIENCE = 20;
/** Bytes of a plan with its inventory, some 500 hosts: what is smaller is done sooner than a thread has started. */
const THREAD_FROM = 100_000;

/** Of each name: what is there to go back to. */
const KEPT_BUNDLES = 5;

/** What every queue of gofleet in that Redis is called. */
const PREFIX = 'gofleet';

/**
 * Serves the REST interface and conducts rollouts until SIGTERM or SIGINT. `ready` is told the URL. Returns the exit
 * code; throws a GofleetError where it cannot start.
 */
export async function runController(
  options: ControllerOptions,
  ready: (url: string) => void = () => undefined,
): Promise<number> {
  const stopped = stopSignal();
  const log = openLog('controller');
  let listening = listenAddress(options.listen);
  for (;;) {
    const { why, address } = await serve(options, { log, listening, stopped, ready });
    if (why !== RESTART) return 0;
    listening = address;
  }
}

/** Why it ends: another ledger is there to be opened. */
const RESTART = 'another ledger';

interface Serving {
  log: Logger;
  listening: ListenAddress;
  /** Resolves with the reason when it is to end. */
  stopped: Promise<string>;
  ready: (url: string) => void;
}

/** Opens everything, serves until it is to end, and closes everything. Answers why, and where it listened. */
async function serve(
  options: ControllerOptions,
  { log, listening, stopped, ready }: Serving,
): Promise<{ why: string; address: ListenAddress }> {
  const folders = await foldersOf(options);
  const restarted = Promise.withResolvers<string>();
  await using ledger = await openLedger({ folder: folders.ledger });
  await using queues = openQueues({ redisUrl: options.redis, prefix: PREFIX });
  const signing = signingPolicy(options, folders.data);
  await tellPolicy(signing, log);
  const deps: ConductorDeps = {
    ledger,
    dispatch: queues,
    clock: systemClock,
    store: await openStore(folders.blobs),
    folders,
    knownHosts: [folders.knownHosts],
    signing,
    keepBundles: options.keepBundles ?? KEPT_BUNDLES,
    runNotifyCommand: notifyCommands(folders.notify),
    log,
    threadFrom: THREAD_FROM,
    restart: () => restarted.resolve(RESTART),
    patience: PATIENCE,
    release: RELEASE,
    queue: { prefix: PREFIX, nameOf: queueName },
  };
  const conductor = await openConductor(deps);
  const stopping = new AbortController();
  try {
    await ensureFirstTokens(conductor, folders.data);
    const app = await openApp({ conductor, log, stopping: stopping.signal });
    const address = await listen(app, listening);
    const url = urlOf(address);
    log.info({ url, data: folders.data }, 'listening');
    ready(url);
    const why = await Promise.race([stopped, restarted.promise]);
    log.info({ why }, 'stopping');
    stopping.abort();
    await app.close();
    return { why, address };
  } finally {
    await conductor.stop();
  }
}

/** A file that cannot be read stops no rollout that is under way: whoever brings or starts something is told. */
async function tellPolicy(
  signing: NonNullable<ConductorDeps['signing']>,
  log: Logger,
): Promise<void> {
  try {
    const { mode, signers } = await signing();
    log.info({ policy: mode, allowedSigners: signers.length }, 'who may sign bundles');
    if (mode === 'require' && signers.length === 0)
      log.warn({}, 'nobody may sign bundles, so each is refused: name them in allowed_signers');
  } catch (error) {
    log.error({ err: error }, 'who may sign bundles cannot be read, so each is refused');
  }
}

/** All folders, absolute; below the data folder where nothing else was said. */
async function foldersOf(options: ControllerOptions) {
  const data = resolve(options.data);
  const below = (name: string, named?: string) => (named ? resolve(named) : join(data, name));
  await mkdir(data, { recursive: true, mode: 0o700 });
  return {
    data,
    ledger: join(data, 'ledger'),
    blobs: join(data, 'blobs'),
    inventory: below('inventory', options.inventory),
    playbooks: below('playbooks', options.playbooks),
    knownHosts: below('known_hosts', options.knownHosts),
    notify: below('notify', options.notify),
  };
}

/** Listens and answers the address, with the port that was taken. */
async function listen(app: NestFastifyApplication, wanted: ListenAddress): Promise<ListenAddress> {
  try {
    await app.listen(wanted.port, wanted.host);
  } catch (cause) {
    throw new GofleetError('unavailable', `cannot listen on ${wanted.host}:${wanted.port}`, {
      remedy: 'Name another address with --listen; port 0 takes a free one.',
      cause,
    });
  }
  const taken = app.getHttpServer().address();
  const port = typeof taken === 'object' && taken ? taken.port : wanted.port;
  return { host: wanted.host, port };
}
