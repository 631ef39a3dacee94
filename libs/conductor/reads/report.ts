import type { Engine } from '../engine.ts';
import { toTime } from '../json.ts';
import { reportAbout } from './report-about.ts';
import { reportHtml } from './report-html.ts';
import { reportJson } from './report-json.ts';
import { reportParts } from './report-parts.ts';

/**
 * Evidence of a rollout as text, read while it is written: of one that has not ended, each page is as things stood when
 * it was read. Throws `not_found` before the first piece.
 */
export async function evidence(
  engine: Engine,
  id: string,
  format: 'json' | 'html',
): Promise<AsyncIterable<string>> {
  const about = await reportAbout(engine, id);
  const source = {
    generatedAt: toTime(engine.clock.now()),
    about,
    parts: reportParts(engine, id),
  };
  return format === 'html' ? reportHtml(source) : reportJson(source);
}
