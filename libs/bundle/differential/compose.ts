import type { ComposedBlob, Differential } from './schema.ts';

/** Reads a blob from a byte on; it may be left before its end. */
export type ReadFrom = (sha256: string, start: number) => AsyncIterable<Uint8Array>;

/** Streams a composed blob from `start` on, out of what is carried (`here`) and what the other side has. */
export async function* compose(
  { runs }: ComposedBlob,
  { needs }: Pick<Differential, 'needs'>,
  read: { here: (start: number) => AsyncIterable<Uint8Array>; there: ReadFrom },
  start: number,
): AsyncGenerator<Uint8Array> {
  const here = openForward((_, at) => read.here(at));
  const there = openForward(read.there);
  let [position, carried] = [0, 0];
  try {
    for (const run of runs) {
      const size = 'here' in run ? run.here : run.size;
      const skipped = Math.min(size, Math.max(0, start - position));
      const wanted = size - skipped;
      if (wanted > 0 && 'here' in run) yield* here.take('', carried + skipped, wanted);
      if (wanted > 0 && 'of' in run)
        yield* there.take(needs[run.of]?.sha256 ?? '', run.at + skipped, wanted);
      if ('here' in run) carried += run.here;
      position += size;
    }
  } finally {
    await here.close();
    await there.close();
  }
}

/** Rather than opening a stream again, bytes are passed over up to here. */
const GAP = 1 << 20;

/** Takes ranges that mostly go forward from as few streams as possible: each may be a question over a network. */
function openForward(open: ReadFrom) {
  let blob: string | undefined;
  let at = 0;
  let stream: AsyncIterator<Uint8Array> | undefined;
  let held: Uint8Array = new Uint8Array();

  const close = async (): Promise<void> => {
    await stream?.return?.();
    stream = undefined;
  };
  const next = async (most: number): Promise<Uint8Array> => {
    if (held.length === 0) {
      const { done, value } = (await stream?.next()) ?? { done: true, value: undefined };
      if (done || value === undefined) throw new Error('a blob ended before its end');
      held = value;
    }
    const taken = held.subarray(0, most);
    held = held.subarray(taken.length);
    at += taken.length;
    return taken;
  };
  return {
    close,
    async *take(sha256: string, start: number, size: number): AsyncGenerator<Uint8Array> {
      if (!stream || blob !== sha256 || start < at || start - at > GAP) {
        await close();
        [blob, at, held] = [sha256, start, new Uint8Array()];
        stream = open(sha256, start)[Symbol.asyncIterator]();
      }
      for (let left = start - at; left > 0;) left -= (await next(left)).length;
      for (let left = size; left > 0;) {
        const bytes = await next(left);
        left -= bytes.length;
        yield bytes;
      }
    },
  };
}
