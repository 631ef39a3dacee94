import type { FastifyInstance, FastifyRequest } from 'fastify';
import { GofleetError } from '#errors';
import { formatBytes } from '#units';
import { routeOf } from './on.ts';

/** A body is kept as text, so that errors can name its lines. */
export interface TextBody {
  text: string;
  format: 'yaml' | 'json';
}

const MOST_BYTES = 5_000_000;

const TEXTS: Record<string, TextBody['format']> = {
  'application/yaml': 'yaml',
  'application/x-yaml': 'yaml',
  'text/yaml': 'yaml',
  'application/json': 'json',
};

/** Teaches Fastify the content types: text for plans and JSON, a stream for blobs and ledgers, nothing else. */
export function readBodies(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  for (const [type, format] of Object.entries(TEXTS))
    fastify.addContentTypeParser(type, async (request: FastifyRequest, payload: Payload) => ({
      text: await readText(request, payload),
      format,
    }));
  for (const type of ['application/offset+octet-stream', 'application/vnd.sqlite3'])
    fastify.addContentTypeParser(type, (_request, payload, done) => {
      done(null, payload);
    });
}

type Payload = AsyncIterable<Buffer>;

/** What is too large is read on for so long, because a client that is cut off while it sends hears no answer. */
const MOST_DISCARDED = 50_000_000;

async function readText(request: FastifyRequest, payload: Payload): Promise<string> {
  const most = routeOf(request)?.mostBytes ?? MOST_BYTES;
  if (Number(request.headers['content-length'] ?? 0) > MOST_DISCARDED) throw tooLarge(most);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of payload) {
    size += chunk.byteLength;
    if (size > MOST_DISCARDED) break;
    if (size <= most) chunks.push(chunk);
  }
  if (size > most) throw tooLarge(most);
  return decode(Buffer.concat(chunks));
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new GofleetError('invalid_request', 'the body is not UTF-8', {
      remedy: 'Send the text in UTF-8.',
      cause,
    });
  }
}

function tooLarge(most: number): GofleetError {
  return new GofleetError('too_large', `the body is larger than ${formatBytes(most)}`, {
    remedy:
      most === MOST_BYTES
        ? 'Name an inventory of the controller instead of sending it inline.'
        : 'Build several smaller bundles: so large a manifest names more than hosts can use.',
  });
}
