import { unpackParts, type Part } from './parts.ts';
import type { Have } from './schema.ts';

/** The same as a run, by the name of the blob: which ones are needed is known when all blobs are planned. */
export type PlannedRun = { here: number } | { blob: string; at: number; size: number };

/** Answers how a blob with these parts is put together; undefined where the other side has nothing of it. */
export type PlanRuns = (parts: readonly Part[], size: number) => PlannedRun[] | undefined;

interface Place {
  blob: string;
  at: number;
}

/** Finds parts of new blobs in what the other side has, in runs as long as they get. */
export function planner(have: Have): PlanRuns {
  const places = placesOf(have);
  return (parts, size) => {
    const runs: PlannedRun[] = [];
    for (const part of parts) addPart(runs, part, places.get(part.key));
    const cut = parts.reduce((sum, part) => sum + part.size, 0);
    if (size > cut) addHere(runs, size - cut);
    return runs.some((run) => 'blob' in run) ? runs : undefined;
  };
}

/** Every place of every part, blobs in the order in which they are named. */
function placesOf({ blobs }: Have): Map<string, Place[]> {
  const places = new Map<string, Place[]>();
  for (const { sha256, parts } of blobs) {
    let at = 0;
    for (const { key, size } of unpackParts(parts) ?? []) {
      const there = places.get(key);
      if (there) there.push({ blob: sha256, at });
      else places.set(key, [{ blob: sha256, at }]);
      at += size;
    }
  }
  return places;
}

function addPart(runs: PlannedRun[], { size }: Part, places: readonly Place[] = []): void {
  const last = runs.at(-1);
  const follows = (place: Place): boolean =>
    last !== undefined &&
    'blob' in last &&
    last.blob === place.blob &&
    last.at + last.size === place.at;
  const [first] = places;
  if (!first) addHere(runs, size);
  else if (last && 'blob' in last && places.some(follows)) last.size += size;
  else runs.push({ blob: first.blob, at: first.at, size });
}

function addHere(runs: PlannedRun[], size: number): void {
  const last = runs.at(-1);
  if (last && 'here' in last) last.here += size;
  else runs.push({ here: size });
}
