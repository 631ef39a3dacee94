import { setImmediate as nextTick } from 'node:timers/promises';
import type { Actor, BlobRef } from '#api';
import { readManifest, type Manifest } from '#bundle';
import { parseDocument } from '#document';
import { GofleetError, isGofleetError } from '#errors';
import { matchHosts, selectHosts, type Host } from '#inventory';
import type { BundleRow } from '#ledger';
import { blobsOf, resolvePlaybook, type ResolvedOperation } from '#operations';
import { planRollout, RolloutPlan, type PlannedRollout } from '#rollout';
import { z } from 'zod';
import { findBundle } from '../bundles/list.ts';
import { blobsMissing, missingBlobs } from '../bundles/import.ts';
import type { Engine } from '../engine.ts';
import type { CreateRequest } from '../interface.ts';
import { pin, readKnownHosts, warnOfUnpinned } from './pins.ts';
import { readInventory, readPlaybook } from './sources.ts';

/** A plan with everything that it names read and checked; nothing is written yet. */
export interface Prepared {
  plan: RolloutPlan;
  /** The hosts in their order, with their pins. */
  hosts: Host[];
  planned: PlannedRollout;
  operations: ResolvedOperation[];
  blobs: BlobRef[];
  bundle: BundleRow;
  playbook: string;
  inventory: string;
  targets: string;
  warnings: string[];
}

/** Reads all that a plan names. Faults of the plan itself name path and line. */
export async function prepare(
  engine: Engine,
  by: Actor,
  request: CreateRequest,
): Promise<Prepared> {
  const options = { name: 'plan', format: request.format };
  const plan = parseDocument(request.text, RolloutPlan, options);
  try {
    return await readAll(engine, by, plan, request.limit);
  } catch (error) {
    throw withLines(error, request);
  }
}

async function readAll(
  engine: Engine,
  by: Actor,
  plan: RolloutPlan,
  limit: string | undefined,
): Promise<Prepared> {
  const playbook = await readPlaybook(engine, by, plan.playbook);
  const bundle = await findImported(engine, plan.bundle);
  const operations = resolvePlaybook(playbook.value, manifestOf(bundle));
  const blobs = blobsOf(operations);
  const missing = await missingBlobs(engine, blobs);
  if (missing.length > 0) throw blobsMissing(bundle.name, missing);

  const inventory = await readInventory(engine, plan.inventory);
  await nextTick();
  const selected = selectHosts(inventory.value, plan.targets, { limit });
  const { unmatched } = matchHosts(inventory.value, plan.targets);
  await nextTick();
  const known = await readKnownHosts(engine.knownHosts);
  const hosts = selected.map((host) => pin(host, known));
  const planned = planRollout(plan, hosts);
  const targets = limit === undefined ? plan.targets : `${plan.targets} limited to ${limit}`;
  const warnings = [
    ...planned.warnings,
    ...warnOfUnpinned(hosts),
    ...unmatched.map(
      (part) => `targets: nothing matches ${part}; is it spelt as in the inventory?`,
    ),
    ...inventory.value.warnings.map(({ file, line, message }) =>
      line === undefined ? `${file}: ${message}` : `${file} line ${line}: ${message}`,
    ),
  ].slice(0, 100);
  return {
    plan,
    hosts,
    planned,
    operations,
    blobs,
    bundle,
    playbook: playbook.name,
    inventory: inventory.name,
    targets,
    warnings,
  };
}

async function findImported(engine: Engine, name: string): Promise<BundleRow> {
  const bundle = await engine.ledger.read((queries) => findBundle(queries, name));
  if (bundle) return bundle;
  const message = `there is no bundle ${name} in the store`;
  throw new GofleetError('invalid_file', message, {
    remedy: 'Import it (`gofleet bundle import`), or correct the name.',
    errors: [{ path: 'bundle', message }],
  });
}

function manifestOf(bundle: BundleRow): Manifest {
  return readManifest(bundle.manifest);
}

/** Faults that name a key of the plan, found after it was parsed, get the line of that key. */
function withLines(error: unknown, { text, format }: CreateRequest): unknown {
  if (!isGofleetError(error)) return error;
  const [first] = error.errors;
  if (
    !first ||
    first.line !== undefined ||
    !/^(bundle|inventory|playbook|targets|strategy\b.*)$/.test(first.path)
  )
    return error;
  const errors = error.errors.map((fault) =>
    fault.line === undefined ? { ...fault, line: lineOf(text, format, fault.path) } : fault,
  );
  const { code, message, remedy, details } = error;
  const line = errors[0]?.line;
  const where = line === undefined ? '' : `plan line ${line}: `;
  return new GofleetError(code, `${where}${message}`, { remedy, details, errors, cause: error });
}

/** Where a path stands in the plan: a parse that refuses just that place tells. */
function lineOf(text: string, format: 'yaml' | 'json', path: string): number | undefined {
  const refusing = z.unknown().superRefine((_, context) => {
    context.addIssue({ code: 'custom', path: path.split('.').slice(0, 1), message: 'is here' });
  });
  try {
    parseDocument(text, refusing, { name: 'plan', format });
  } catch (error) {
    if (isGofleetError(error)) return error.errors[0]?.line;
  }
  return undefined;
}
