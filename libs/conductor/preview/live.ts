import type { Actor, PlanPreview } from '#api';
import type { Connection, Host } from '#inventory';
import type { ResolvedOperation } from '#operations';
import { ulid } from 'ulid';
import { withDrawing } from '../create/draft.ts';
import type { Drawing } from '../create/drawing.ts';
import type { NewHost } from '../create/host-rows.ts';
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
  return engine.bundles.use(() =>
    withDrawing(engine, { by, request }, (drawing) => read(engine, by, request, drawing)),
  );
}

async function read(
  engine: Engine,
  by: Actor,
  request: CreateRequest,
  drawing: Drawing,
): Promise<PlanPreview> {
  const known = await previewOf(engine, drawing);
  const id = ulid(engine.clock.now());
  const kept: KeptPlan = { schema: 1, request, operations: drawing.operations, known };
  await startReading(engine, by, {
    hosts: await hostsOf(drawing),
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
          bundle_digest: drawing.bundle.digest,
        })
        .execute();
    },
  });
  return getPlan(engine, id);
}

const AT_ONCE = 500;

async function hostsOf(drawing: Drawing): Promise<Host[]> {
  const hosts: Host[] = [];
  while (hosts.length < drawing.planned) {
    const most = Math.min(AT_ONCE, drawing.planned - hosts.length);
    hosts.push(...(await drawing.hosts(hosts.length, most)).map(toHost));
  }
  return hosts;
}

function toHost({ name, site, groups, connection }: NewHost): Host {
  return {
    name,
    site,
    groups: JSON.parse(groups) as string[],
    vars: {},
    connection: JSON.parse(connection) as Connection,
  };
}
