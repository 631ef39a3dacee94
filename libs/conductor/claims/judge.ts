import type { Queries } from '#ledger';
import { changeOf, findTrip } from '#rollout';
import { carryOut } from '../conduct/carry-out.ts';
import { loadStill } from '../conduct/view.ts';
import type { Engine } from '../engine.ts';

/** Looks for trips in the transaction that recorded outcomes: a trip is stored with what made it. */
export async function judge(engine: Engine, queries: Queries, rollout: string): Promise<void> {
  for (;;) {
    const view = await loadStill(engine, queries, rollout);
    const trip = findTrip(view);
    if (!trip) return;
    const { batch, evidence } = trip;
    const cause = { kind: 'trip', tagged: true, trip, batch, evidence };
    await carryOut(engine, queries, view, changeOf(view, trip, engine.clock.now()), cause);
  }
}
