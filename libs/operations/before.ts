import type { Before, Facts } from './host/facts.ts';

/** What is there before the first change of a rollout, without the answer of `go version`, which a script adds. */
export function beforeOf(rollout: string, found: Facts): Omit<Before, 'goVersion'> {
  const places = Object.entries(found.places).map(([path, place], number) => {
    const kept = keptName(path, place.kind, rollout, number);
    return [path, kept === undefined ? place : { ...place, kept }];
  });
  const { rollout: last, active, checks } = found.state ?? {};
  return {
    schema: 1,
    rollout,
    generation: found.active?.generation ?? null,
    go: found.active?.go ?? null,
    modules: found.active?.modules ?? null,
    places: Object.fromEntries(places),
    state: { rollout: last ?? null, active: active ?? null, checks: checks ?? [] },
  };
}

/** Where a folder lies that has to make way: beside its place, so that one rename brings it back. */
export function keptFolder(path: string, rollout: string): string {
  return `${path}.gofleet-${rollout}`;
}

/** Files of the user are changed in place and not kept; what the root holds itself needs no copy either. */
function keptName(path: string, kind: string, rollout: string, number: number): string | undefined {
  if (path.endsWith('/.profile') || path.endsWith('/.bashrc')) return undefined;
  if (kind === 'folder') return keptFolder(path, rollout);
  return kind === 'link' || kind === 'file' ? String(number) : undefined;
}
