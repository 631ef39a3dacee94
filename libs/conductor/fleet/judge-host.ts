import type { Drift, Health } from '#api';
import type { RegistryRow } from '#ledger';
import type { ResolvedOperation } from '#operations';
import { z } from 'zod';

/** What of the facts is compared; they are kept as the worker sent them. */
const Facts = z.looseObject({
  goVersion: z.string().nullish(),
  modules: z.string().nullish(),
  checks: z
    .array(z.looseObject({ check: z.string(), ok: z.boolean(), output: z.string() }))
    .nullish(),
});
type Facts = z.infer<typeof Facts>;

/** The facts of a host that are known; undefined where it was never read. */
export function readFacts({ facts }: Pick<RegistryRow, 'facts'>): Facts | undefined {
  return facts === null ? undefined : Facts.safeParse(JSON.parse(facts)).data;
}

/** What is not as the operations want it. Nothing is said of a host that was never read. */
export function driftOf(
  facts: Facts | undefined,
  operations: readonly ResolvedOperation[],
): Drift[] {
  if (!facts) return [];
  const wanted = operations.flatMap((each) => {
    if (each.operation === 'go-toolchain') return [{ key: 'go', wanted: each.version }];
    if (each.operation === 'module-pack')
      return [{ key: 'modules', wanted: each.blob.slice(0, 12) }];
    return [];
  });
  const found: Record<string, string | null> = {
    go: facts.goVersion?.replace(/^go/, '') ?? null,
    modules: facts.modules ?? null,
  };
  return wanted
    .map((each) => ({ ...each, found: found[each.key] ?? null }))
    .filter((each) => each.found !== each.wanted);
}

/** How a host was when it was last seen: first match wins. */
export function healthOf(
  { last_outcome, last_rollout }: Pick<RegistryRow, 'last_outcome' | 'last_rollout'>,
  facts: Facts | undefined,
): Health {
  const broken = facts?.checks?.find(({ ok }) => !ok);
  if (last_outcome === 'unreachable' || last_outcome === 'lost')
    return { state: 'unreachable', message: `${last_outcome} in rollout ${last_rollout}` };
  if (broken) return { state: 'failing', message: `${broken.check}: ${broken.output}` };
  if (last_outcome === 'failed' || last_outcome === 'rollback_failed')
    return { state: 'failed', message: `${last_outcome} in rollout ${last_rollout}` };
  return { state: facts ? 'ok' : 'unknown', message: null };
}
