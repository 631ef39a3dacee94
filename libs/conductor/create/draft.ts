import type { Playbook } from '#operations';
import type { Actor } from '#api';
import type { Engine } from '../engine.ts';
import type { CreateRequest } from '../interface.ts';
import { drawingOf, type Drawing } from './drawing.ts';
import { drawUp } from './draw-up.ts';
import { lookUp, type LookedUp } from './look-up.ts';
import { sourceOf } from './prepare.ts';
import { located, readPlan, type PlanSource, type ReadPlan } from './read-plan.ts';
import type { Named } from './sources.ts';
import { bytesOf } from './source-bytes.ts';
import { openThreadDraft } from './thread-draft.ts';

/** A plan on its way to a drawing. What takes long is done here, or in a thread. */
export interface Draft extends AsyncDisposable {
  /** Throws what is wrong with the plan or its playbook. */
  read(source: PlanSource): Promise<{ plan: { bundle: string }; playbook: Named<Playbook> }>;
  /** Of the plan that was read. */
  drawUp(known: LookedUp): Promise<Drawing>;
  /** The same error with the lines of the plan that was read. */
  locate(error: unknown): Promise<unknown>;
}

/** Draws a plan up, for as long as that is used. What is wrong with it is told with path and line. */
export async function withDrawing<T>(
  engine: Engine,
  { by, request }: { by: Actor; request: CreateRequest },
  use: (drawing: Drawing) => Promise<T>,
): Promise<T> {
  const source = sourceOf(engine, by, request);
  await using draft = (await isLarge(engine, source)) ? openThreadDraft() : openDraft();
  const read = await draft.read(source);
  try {
    return await use(await draft.drawUp(await lookUp(engine, read)));
  } catch (error) {
    throw await draft.locate(error);
  }
}

async function isLarge({ threadFrom }: Engine, source: PlanSource): Promise<boolean> {
  return threadFrom !== undefined && (await bytesOf(source, threadFrom)) >= threadFrom;
}

/** All of it in the present thread. */
export function openDraft(): Draft {
  let read: ReadPlan | undefined;
  return {
    async read(source) {
      read = await readPlan(source);
      return { plan: { bundle: read.plan.bundle }, playbook: read.playbook };
    },
    async drawUp({ quarantine, ...known }) {
      if (!read) throw new Error('a plan is read before it is drawn up');
      const { operations, bundle } = known;
      const drawn = await drawUp(read, { operations, bundle: bundle.digest, quarantine });
      const { plan, playbook } = read;
      return drawingOf({ ...drawn, ...known, plan, playbook: playbook.name });
    },
    locate: async (error) => (read ? located(error, read.source) : error),
    [Symbol.asyncDispose]: async () => undefined,
  };
}
