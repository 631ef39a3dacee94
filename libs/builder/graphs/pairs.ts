/** Edges between names as pairs of their places in a list: sorted, each once, those to unknown names left out. */
export function pairs(
  edges: readonly (readonly string[])[],
  places: ReadonlyMap<string, number>,
): [number, number][] {
  const found = new Map<string, [number, number]>();
  for (const [from = '', to = ''] of edges) {
    const [start, end] = [places.get(from), places.get(to)];
    if (start !== undefined && end !== undefined) found.set(`${start} ${end}`, [start, end]);
  }
  return [...found.values()].sort(([a, b], [c, d]) => a - c || b - d);
}
