import type { RecoveryResult, Role } from '#api';
import type { Queries } from '#ledger';
import { isFinal, type RolloutState } from '#rollout';
import { audit } from '../access/audit.ts';
import { judge } from '../claims/judge.ts';
import type { Engine } from '../engine.ts';
import { tell } from '../events/tell.ts';
import { toJson } from '../json.ts';
import { hostsAfter, toReadingHost } from '../readings/get.ts';
import { correct, lookAgain } from './correct.ts';
import { wordOf } from './read-back.ts';

/** Entries of a list that are kept. */
const KEPT = 1000;
const AT_ONCE = 200;

/** Corrects the ledger by every recovery whose hosts have all been read or could not be. */
export async function applyRecoveries(engine: Engine): Promise<void> {
  for (const { reading } of await engine.ledger.read(unapplied)) await apply(engine, reading);
}

async function unapplied(queries: Queries) {
  const rows = await queries
    .selectFrom('recoveries')
    .innerJoin('rollouts', 'rollouts.id', 'recoveries.reading')
    .select(['reading', 'state'])
    .where('result', 'is', null)
    .limit(100)
    .execute();
  return rows.filter(({ state }) => isFinal(state as RolloutState));
}

/** Some hosts a transaction; begun again from the start it finds what is already corrected and corrects the rest. */
async function apply(engine: Engine, id: string): Promise<void> {
  const result = nothing();
  const touched = new Set<string>();
  let after: number | undefined = -1;
  while (after !== undefined) {
    const from: number = after;
    after = await engine.write((queries) =>
      correctSome(engine, queries, { id, from, result, touched }),
    );
  }
  await engine.write(async (queries) => {
    for (const rollout of touched) await judge(engine, queries, rollout);
    await lookAgain(queries, engine.clock.now());
    await close(engine, queries, id, result);
  });
  for (const rollout of touched) engine.wake(rollout);
}

interface Some {
  id: string;
  from: number;
  result: RecoveryResult;
  touched: Set<string>;
}

/** Answers the number to go on after; undefined at the end. */
async function correctSome(
  engine: Engine,
  queries: Queries,
  { id, from, result, touched }: Some,
): Promise<number | undefined> {
  const now = engine.clock.now();
  const rows = await hostsAfter(queries, id, from, AT_ONCE);
  for (const row of rows) {
    const { name, site, state, code, message, facts } = toReadingHost(row);
    const word = state === 'read' ? wordOf(facts) : undefined;
    if (!word) result.unread.push({ host: name, code, message: message ?? 'it said nothing' });
    else
      for (const rollout of await correct(engine, queries, {
        host: { name, site },
        word,
        result,
        now,
      }))
        touched.add(rollout);
  }
  return rows.length < AT_ONCE ? undefined : rows.at(-1)?.number;
}

async function close(
  engine: Engine,
  queries: Queries,
  id: string,
  result: RecoveryResult,
): Promise<void> {
  const now = engine.clock.now();
  const counts = Object.fromEntries(
    Object.entries(result).map(([kind, list]) => [kind, list.length]),
  );
  const cut = Object.fromEntries(
    Object.entries(result).map(([kind, list]) => [kind, list.slice(0, KEPT)]),
  );
  const row = await queries
    .updateTable('recoveries')
    .set({ result: toJson(cut) })
    .where('reading', '=', id)
    .returning(['who', 'token', 'role', 'note'])
    .executeTakeFirstOrThrow();
  const by = { token: row.token, name: row.who, role: row.role as Role, site: null };
  await audit(queries, now, { by, verb: 'recover', note: row.note ?? undefined, after: counts });
  const message = `hosts were read back, by ${row.who}`;
  const details = { code: 'recovered', message, ...counts };
  await tell(queries, now, { type: 'alert', rollout: null, details });
}

function nothing(): RecoveryResult {
  return {
    epochs: [],
    changed: [],
    succeeded: [],
    rolledBack: [],
    unknown: [],
    skipped: [],
    foreign: [],
    unread: [],
  };
}
