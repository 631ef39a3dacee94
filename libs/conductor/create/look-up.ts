import type { BlobRef, Trust } from '#api';
import { readManifest } from '#bundle';
import { GofleetError } from '#errors';
import type { BundleRow, Queries } from '#ledger';
import { blobsOf, resolvePlaybook, type ResolvedOperation } from '#operations';
import type { Reason } from '#rollout';
import { blobsMissing, missingBlobs } from '../bundles/import.ts';
import { judgeBundle } from '../bundles/judge.ts';
import { findBundle } from '../bundles/list.ts';
import type { Engine } from '../engine.ts';
import { toTime } from '../json.ts';
import type { Given } from './draw-up.ts';
import type { ReadPlan } from './read-plan.ts';

/** What the controller itself knows of what a plan names. */
export interface LookedUp extends Omit<Given, 'bundle'> {
  bundle: { name: string; digest: string };
  operations: ResolvedOperation[];
  blobs: BlobRef[];
  /** Who signed the bundle, as it is judged now. */
  trust: Trust;
}

/** Throws `invalid_file` for a bundle that is not there, and what does not fit it; `blobs_missing`, `signature_…`. */
export async function lookUp(
  engine: Engine,
  { plan, playbook }: Pick<ReadPlan, 'playbook'> & { plan: { bundle: string } },
): Promise<LookedUp> {
  const bundle = await findImported(engine, plan.bundle);
  const trust = await judgeBundle(engine, bundle);
  const operations = resolvePlaybook(playbook.value, readManifest(bundle.manifest));
  const blobs = blobsOf(operations);
  const missing = await missingBlobs(engine, blobs);
  if (missing.length > 0) throw blobsMissing(bundle.name, missing);
  const { name, digest } = bundle;
  const quarantine = await engine.ledger.read(readQuarantine);
  return { bundle: { name, digest }, operations, blobs, trust, quarantine };
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

const AT_ONCE = 1000;

/** Every host in quarantine, and why. */
async function readQuarantine(queries: Queries): Promise<Given['quarantine']> {
  const found: Given['quarantine'] = [];
  for (;;) {
    const rows = await queries
      .selectFrom('quarantine')
      .selectAll()
      .where('host', '>', found.at(-1)?.[0] ?? '')
      .orderBy('host')
      .limit(AT_ONCE)
      .execute();
    found.push(...rows.map((row): [string, Reason] => [row.host, quarantined(row)]));
    if (rows.length < AT_ONCE) return found;
  }
}

function quarantined(row: { at: number; who: string; note: string | null }): Reason {
  const note = row.note ? `: ${row.note}` : '';
  return {
    code: 'operator',
    message: `in quarantine by ${row.who} since ${toTime(row.at)}${note}`,
  };
}
