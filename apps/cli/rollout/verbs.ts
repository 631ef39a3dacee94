import type { Rollout } from '#api';
import { isGofleetError } from '#errors';
import { Option, type Command } from 'commander';
import type { Cli } from '../cli.ts';
import { withDetails } from '../print-error.ts';
import { names, wholeNumber } from '../values.ts';
import { rolloutPath } from './paths.ts';
import { printRollout } from './status.ts';

/** The verbs of a rollout with the options that become their body, as RULES names them. */
export function addRolloutVerbs(rollout: Command, cli: Cli): void {
  for (const { verb, description, options } of VERBS) {
    const command = rollout
      .command(verb)
      .description(description)
      .argument('<id>', 'of the rollout');
    for (const option of options) command.addOption(option());
    command.option('--note <text>', 'why, for those who read it later');
    command.action(
      cli.action(async (id: string, body: Record<string, unknown>) => {
        printRollout(await act(id, verb, bodyOf(verb, body), cli), cli);
        return 0;
      }),
    );
  }
}

/** Who names hosts for a rollback means them. */
function bodyOf(verb: string, body: Record<string, unknown>): Record<string, unknown> {
  return verb === 'rollback' && body['hosts'] ? { scope: 'hosts', ...body } : body;
}

/** Reads the rollout first, so that nothing is done to one that moved on meanwhile. */
async function act(
  id: string,
  verb: string,
  body: Record<string, unknown>,
  { client }: Cli,
): Promise<Rollout> {
  try {
    const { etag } = await client.getTagged<Rollout>(rolloutPath(id));
    const headers: Record<string, string> = etag === undefined ? {} : { 'if-match': etag };
    return await client.post<Rollout>(rolloutPath(id, verb), body, { headers });
  } catch (error) {
    // The commands that are possible instead need the id.
    throw isGofleetError(error) ? withDetails(error, { rollout: id }) : error;
  }
}

interface Verb {
  verb: string;
  description: string;
  options: (() => Option)[];
}

const inflight = () =>
  new Option(
    '--inflight <what>',
    'hosts at work are finished, or stopped at the next safe point',
  ).choices(['drain', 'cancel']);
const hosts = () =>
  new Option('--hosts <names>', 'these hosts: a,b (may be given again)').argParser(names);

const VERBS: Verb[] = [
  { verb: 'pause', description: 'start no more hosts until it is resumed', options: [inflight] },
  {
    verb: 'resume',
    description: 'go on with a paused rollout',
    options: [
      () =>
        new Option(
          '--mode <mode>',
          'accept the failures, or run what did not succeed again',
        ).choices(['continue', 'retry']),
      () =>
        new Option(
          '--acknowledge <decision>',
          'number of the decision whose failures are accepted',
        ).argParser(wholeNumber),
    ],
  },
  {
    verb: 'retry',
    description: 'run some hosts again',
    options: [
      hosts,
      () =>
        new Option('--states <states>', 'all hosts in these states: failed,unreachable').argParser(
          names,
        ),
    ],
  },
  {
    verb: 'rollback',
    description: 'bring hosts back to what they had before this rollout',
    options: [
      () =>
        new Option('--scope <scope>', 'which hosts; default: the batch that tripped last').choices([
          'failed',
          'batch',
          'all',
          'hosts',
        ]),
      () => new Option('--batch <number>', 'this batch').argParser(wholeNumber),
      hosts,
    ],
  },
  {
    verb: 'abort',
    description: 'end a rollout; hosts that did not start are cancelled',
    options: [
      inflight,
      () =>
        new Option('--rollback <what>', 'bring hosts back too').choices(['none', 'batch', 'all']),
      () => new Option('--stop-rollback', 'end a rollback that is under way'),
    ],
  },
];
