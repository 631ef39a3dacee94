import type { Rollout } from '#api';
import { isGofleetError } from '#errors';
import type { Cli } from '../cli.ts';
import { withDetails } from '../print-error.ts';
import { rolloutPath } from './paths.ts';

/** What a command sends, made of the rollout as it was read. */
export type BodyOf = (rollout: Rollout) => Record<string, unknown>;

/** Reads the rollout first, so that nothing is done to one that moved on meanwhile. */
export async function act(
  id: string,
  what: { verb: string } | 'patch',
  bodyOf: BodyOf,
  { client }: Cli,
): Promise<Rollout> {
  try {
    const { etag, value } = await client.getTagged<Rollout>(rolloutPath(id));
    const headers: Record<string, string> = etag === undefined ? {} : { 'if-match': etag };
    const body = bodyOf(value);
    if (what !== 'patch')
      return await client.post<Rollout>(rolloutPath(id, what.verb), body, { headers });
    const answer = await client.call('PATCH', rolloutPath(id), { body, headers });
    return (await answer.json()) as Rollout;
  } catch (error) {
    // The commands that are possible instead need the id.
    throw isGofleetError(error) ? withDetails(error, { rollout: id }) : error;
  }
}
