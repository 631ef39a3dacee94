import { GofleetError } from '#errors';
import type { Inventory } from '#inventory';
import type { RolloutPlan } from '#rollout';
import { readInventory } from '../create/sources.ts';
import type { Engine } from '../engine.ts';
import { noRollout } from '../not-found.ts';

/** The inventory of a rollout as it is now: the one that was sent with a verb, else the one that the plan named. */
export async function presentInventory(
  engine: Engine,
  rollout: string,
  sent: RolloutPlan['inventory'] | undefined,
): Promise<Inventory> {
  if (sent !== undefined) return (await readInventory(engine, sent)).value;
  const row = await engine.ledger.read((queries) =>
    queries.selectFrom('rollouts').select('inventory').where('id', '=', rollout).executeTakeFirst(),
  );
  if (!row) throw noRollout(rollout);
  if (row.inventory === 'inline') throw wasInline();
  return (await readInventory(engine, row.inventory)).value;
}

function wasInline(): GofleetError {
  const message =
    'the inventory of this rollout was sent with its plan, so it cannot be read again';
  return new GofleetError('invalid_request', message, {
    remedy: 'Send an inventory: `inventory: NAME`, or inline.',
    errors: [{ path: 'inventory', message: 'is needed' }],
  });
}
