import { nextEntry, paddingOf, type TarEntry, type TarSource } from './tar-entries.ts';
import { TarFault } from './tar-header.ts';

/** Takes the bytes of a file; what it throws ends the reading. */
export interface Sink {
  write(chunk: Buffer): void;
  end(): void | Promise<void>;
}

/**
 * Reads the entries of a tar from a stream, in constant memory; `open` says where the bytes of each go. Throws
 * `TarFault`, and whatever the stream throws.
 */
export async function readArchive(
  chunks: AsyncIterable<Buffer>,
  open: (entry: TarEntry) => Sink,
): Promise<void> {
  const source = sourceOf(chunks[Symbol.asyncIterator]());
  for (;;) {
    const entry = await nextEntry(source);
    if (!entry) break;
    const sink = open(entry);
    if ((await source.pour(entry.size, sink)) < entry.size)
      throw new TarFault(`it ends in the middle of ${JSON.stringify(entry.name)}`);
    await sink.end();
    await source.take(paddingOf(entry.size));
  }
}

interface StreamSource extends TarSource {
  /** Answers how many bytes there were. */
  pour(bytes: number, sink: Sink): Promise<number>;
}

function sourceOf(chunks: AsyncIterator<Buffer>): StreamSource {
  let held: Buffer = Buffer.alloc(0);

  /** At most as many bytes as asked for, of those that are at hand; none at the end. */
  async function next(most: number): Promise<Buffer> {
    while (held.length === 0) {
      const { done, value } = await chunks.next();
      if (done) return held;
      held = value;
    }
    const taken = held.subarray(0, most);
    held = held.subarray(taken.length);
    return taken;
  }

  async function pour(bytes: number, sink: Pick<Sink, 'write'>): Promise<number> {
    let poured = 0;
    while (poured < bytes) {
      const chunk = await next(bytes - poured);
      if (chunk.length === 0) break;
      sink.write(chunk);
      poured += chunk.length;
    }
    return poured;
  }

  return {
    pour,
    take: async (bytes) => {
      if (held.length >= bytes) return next(bytes);
      const parts: Buffer[] = [];
      await pour(bytes, { write: (chunk) => void parts.push(chunk) });
      return Buffer.concat(parts);
    },
  };
}
