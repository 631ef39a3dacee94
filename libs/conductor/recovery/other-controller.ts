import type { Outcome } from '#api';
import type { HostRow as LedgerHost, Queries } from '#ledger';
import type { Engine } from '../engine.ts';
import { tell } from '../events/tell.ts';

/** A newest claim of this ledger that a host refuses: somebody else granted later ones under the name of this fleet. */
const CODES = ['host_ahead', 'superseded'];

/** Tells that another controller is, or was, at work with a copy of this ledger. The host was not touched. */
export async function alertOfOther(
  engine: Engine,
  queries: Queries,
  host: LedgerHost,
  { state, code, message, remedy }: Outcome,
): Promise<void> {
  if (code === undefined || !CODES.includes(code)) return;
  if (state !== 'failed' && state !== 'rollback_failed') return;
  const { rollout, batch, name } = host;
  engine.log.error({ rollout, host: name, code, message }, 'a host has seen later claims');
  await tell(queries, engine.clock.now(), {
    type: 'alert',
    rollout,
    batch,
    host: name,
    details: { code: 'host_ahead', message: `${name}: ${message ?? code}`, remedy: remedy ?? null },
  });
}
