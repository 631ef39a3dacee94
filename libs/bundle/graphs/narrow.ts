import type { Drawing, DrawnEdge, DrawnNode } from './drawing.ts';

export interface Narrowing {
  /** Names or paths of modules or packages, with `*` for any characters: what leads to them and what they lead to. */
  focus?: string | undefined;
  /** How many edges away from the projects, or from the focus, may be drawn. */
  depth?: number | undefined;
}

/** A part of a drawing; empty where nothing is what the focus names. */
export function narrowed(drawing: Drawing, { focus, depth = Infinity }: Narrowing): Drawing {
  const is = focus === undefined ? isOwn : matcher(focus);
  const start = drawing.nodes.filter(is).map(({ name }) => name);
  const kept = new Set(within(start, depth, drawing.edges, ({ from, to }) => [from, to]));
  if (focus !== undefined)
    for (const name of within(start, depth, drawing.edges, ({ from, to }) => [to, from]))
      kept.add(name);
  return {
    nodes: drawing.nodes.filter(({ name }) => kept.has(name)),
    edges: drawing.edges.filter(({ from, to }) => kept.has(from) && kept.has(to)),
  };
}

function isOwn({ kind }: DrawnNode): boolean {
  return kind === 'own';
}

function matcher(pattern: string): (node: DrawnNode) => boolean {
  const parts = pattern.split('*').map((part) => RegExp.escape(part));
  const whole = new RegExp(`^${parts.join('.*')}$`);
  return ({ name, path }) => whole.test(name) || whole.test(path);
}

/** All names that are at most `depth` edges away, in one direction. */
function within(
  start: readonly string[],
  depth: number,
  edges: readonly DrawnEdge[],
  direction: (edge: DrawnEdge) => [from: string, to: string],
): Iterable<string> {
  const next = Map.groupBy(edges.map(direction), ([from]) => from);
  const distances = new Map(start.map((name) => [name, 0]));
  for (const [name, distance] of distances)
    if (distance < depth)
      for (const [, to] of next.get(name) ?? [])
        if (!distances.has(to)) distances.set(to, distance + 1);
  return distances.keys();
}
