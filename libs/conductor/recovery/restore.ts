import type { Actor, Restore } from '#api';
import { checkRestore, receiveRestore, stageRestore } from '#ledger';
import { audit } from '../access/audit.ts';
import type { Engine } from '../engine.ts';
import { toTime } from '../json.ts';
import { ledgerFolder } from './back-up.ts';

/** So long the answer has to reach whoever asked. */
const BEFORE_RESTART = 300;

/** Takes in another ledger, checks it, and starts again with it; the present one is kept. Audited. */
export async function restore(
  engine: Engine,
  by: Actor,
  bytes: AsyncIterable<Uint8Array>,
  { otherFleet }: { otherFleet: boolean },
): Promise<Restore> {
  const folder = ledgerFolder(engine);
  const path = await receiveRestore(folder, bytes);
  const current = { fleet: engine.ledger.fleet };
  const file = await checkRestore(path, { current, otherFleet });
  const at = engine.clock.now();
  const after = { fleet: file.fleet, backedUpAt: file.at };
  await engine.write((queries) => audit(queries, at, { by, verb: 'restore', after }));
  await stageRestore(folder, { who: by.name, at, otherFleet });
  engine.log.warn({ ...after, by: by.name }, 'another ledger takes the place of this one');
  engine.clock.after(BEFORE_RESTART, () => engine.restart?.());
  return {
    state: 'staged',
    at: toTime(at),
    who: by.name,
    fleet: file.fleet,
    backedUpAt: file.at === null ? null : toTime(file.at),
  };
}

/** The latest ledger that was put in the place of another one; undefined where none ever was. */
export async function latestRestore({ ledger }: Engine): Promise<Restore | undefined> {
  const row = await ledger.read((queries) =>
    queries.selectFrom('restores').selectAll().orderBy('id', 'desc').limit(1).executeTakeFirst(),
  );
  return (
    row && {
      state: 'done',
      at: toTime(row.at),
      who: row.who,
      fleet: ledger.fleet,
      backedUpAt: row.backed_up_at === null ? null : toTime(row.backed_up_at),
    }
  );
}
