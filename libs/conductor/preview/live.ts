import type { Actor, PlanPreview } from '#api';
import type { ResolvedOperation } from '#operations';
import { ulid } from 'ulid';
import { drawingOf } from '../create/drawing.ts';
import { prepare, sourceOf } from '../create/prepare.ts';
import { withLines } from '../create/read-plan.ts';
import type { Engine } from '../engine.ts';
import type { CreateRequest } from '../interface.ts';
import { startReading } from '../readings/start.ts';
import { getPlan } from './get.ts';
import { previewOf } from './preview.ts';

/** What is kept of a plan while its hosts are being read. */
export interface KeptPlan {
  schema: 1;
  request: CreateRequest;
  operations: ResolvedOperation[];
  /** From what was known before. */
  known: PlanPreview;
}

/** Begins to read every host of a plan, and keeps the plan: a rollout can be made of it. */
export async function previewLive(
  engine: Engine,
  by: Actor,
  request: CreateRequest,
): Promise<PlanPreview> {
  const prepared = await prepare(engine, by, request);
  const source = sourceOf(engine, by, request);
  const known = await withLines(source, () => previewOf(engine, drawingOf(prepared)));
  const id = ulid(engine.clock.now());
  const kept: KeptPlan = { schema: 1, request, operations: prepared.operations, known };
  await startReading(engine, by, {
    hosts: prepared.hosts,
    also: async (queries, reading) => {
      await queries
        .insertInto('plans')
        .values({
          id,
          at: engine.clock.now(),
          who: by.name,
          request: JSON.stringify(kept),
          digest: known.planDigest,
          reading,
          preview: null,
        })
        .execute();
    },
  });
  return getPlan(engine, id);
}
