import type { Actor, Freeze, FreezeBody } from '#api';
import { GofleetError } from '#errors';
import type { Queries } from '#ledger';
import { audit } from '../access/audit.ts';
import type { Engine } from '../engine.ts';
import { tell } from '../events/tell.ts';
import { toTime } from '../json.ts';

/** Stops everything forward, everywhere and at once. Throws `conflict` where that is so already. */
export async function freeze(
  engine: Engine,
  by: Actor,
  { note, rollbacks }: FreezeBody,
): Promise<Freeze> {
  const at = engine.clock.now();
  await engine.write(async (queries) => {
    const present = await readFreeze(queries);
    if (present.frozen) throw alreadyFrozen(present);
    await queries
      .insertInto('freezes')
      .values({ at, who: by.name, note, rollbacks: Number(rollbacks), ended_at: null })
      .execute();
    const after = { frozen: true, rollbacks };
    await audit(queries, at, { by, verb: 'freeze', note, before: present, after });
    const message = `frozen by ${by.name}: ${note}`;
    await tell(queries, at, { type: 'alert', rollout: null, details: { code: 'freeze', message } });
  });
  engine.log.info({ by: by.name, note, rollbacks }, 'everything is frozen');
  engine.wakeAll();
  return getFreeze(engine);
}

/** Ends the freeze; what it paused stays paused until a person resumes it. Throws `conflict` where there is none. */
export async function unfreeze(engine: Engine, by: Actor): Promise<Freeze> {
  const at = engine.clock.now();
  await engine.write(async (queries) => {
    const present = await readFreeze(queries);
    if (!present.frozen) throw notFrozen();
    await queries
      .updateTable('freezes')
      .set({ ended_at: at })
      .where('ended_at', 'is', null)
      .execute();
    await audit(queries, at, { by, verb: 'unfreeze', before: present, after: { frozen: false } });
    const message = `the freeze was ended by ${by.name}`;
    await tell(queries, at, {
      type: 'alert',
      rollout: null,
      details: { code: 'unfreeze', message },
    });
  });
  engine.log.info({ by: by.name }, 'the freeze has ended');
  engine.wakeAll();
  return getFreeze(engine);
}

export async function getFreeze(engine: Engine): Promise<Freeze> {
  return engine.ledger.read(readFreeze);
}

async function readFreeze(queries: Queries): Promise<Freeze> {
  const row = await queries
    .selectFrom('freezes')
    .selectAll()
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  if (!row) return { frozen: false, at: null, who: null, note: null, rollbacks: false };
  const { at, who, note, rollbacks } = row;
  return { frozen: true, at: toTime(at), who, note, rollbacks: rollbacks === 1 };
}

function alreadyFrozen({ who, note }: Freeze): GofleetError {
  return new GofleetError('conflict', `it is frozen already, by ${who}: ${note}`, {
    remedy: 'End that freeze first (`gofleet freeze end`), or leave it as it is.',
  });
}

function notFrozen(): GofleetError {
  return new GofleetError('conflict', 'nothing is frozen', {
    remedy: 'Look at `gofleet freeze status`.',
  });
}
