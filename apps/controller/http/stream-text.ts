import { pipeline } from 'node:stream/promises';
import type { Hijackable } from './stream-events.ts';

/** What a report is sent as. */
export const REPORT_TYPES = {
  json: 'application/json; charset=utf-8',
  html: 'text/html; charset=utf-8',
} as const;

/** A browser asks for HTML before all else; whoever names JSON, or nothing, gets JSON. */
export function formatOf(accept: string | undefined): keyof typeof REPORT_TYPES {
  const types = (accept ?? '').split(',').map((type) => type.split(';')[0]?.trim());
  const html = types.indexOf('text/html');
  const json = types.indexOf('application/json');
  return html >= 0 && (json < 0 || html < json) ? 'html' : 'json';
}

/** Sends text piece by piece, no faster than the client reads it; a fault on the way cuts the answer off. */
export async function streamText(
  reply: Hijackable,
  type: string,
  text: AsyncIterable<string>,
): Promise<void> {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    'content-type': type,
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    'x-content-type-options': 'nosniff',
  });
  try {
    await pipeline(text, raw);
  } catch {
    raw.destroy();
  }
}
