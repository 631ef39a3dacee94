import type { Drawing } from './drawing.ts';
import type { NewHost } from './host-rows.ts';

/** A drawing as plain data, which can be sent to a thread. */
export interface Sketch extends Omit<Drawing, 'hosts' | 'digest'> {
  /** The planned hosts and, after them, the excluded ones. */
  rows: NewHost[];
  planDigest: string;
}

const AT_ONCE = 500;

export async function sketchOf({ hosts, digest, ...rest }: Drawing): Promise<Sketch> {
  const rows: NewHost[] = [];
  while (rows.length < rest.planned + rest.excluded)
    rows.push(...(await hosts(rows.length, AT_ONCE)));
  return { ...rest, rows, planDigest: await digest() };
}

export function drawingOfSketch({ rows, planDigest, ...rest }: Sketch): Drawing {
  return {
    ...rest,
    hosts: async (from, most) => rows.slice(from, from + most),
    digest: async () => planDigest,
  };
}
