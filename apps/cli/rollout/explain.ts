import type { DecisionRecord, Explanation, FailureGroup, Page, Rollout } from '#api';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import type { Colors } from '../terminal/terminal.ts';
import { actionLines } from './action-lines.ts';
import { rolloutPath } from './paths.ts';
import { failureLines } from './render-failures.ts';
import { headline, reasonText } from './render-rollout.ts';

export function addRolloutExplain(rollout: Command, cli: Cli): void {
  rollout
    .command('explain')
    .description('say why a rollout stands as it does: every decision, with its numbers and hosts')
    .argument('<id>', 'of the rollout')
    .action(
      cli.action(async (id: string) => {
        const story = await readStory(id, cli);
        const { terminal, again } = cli;
        const { explanation, decisions, failures } = story;
        if (terminal.json) terminal.out(JSON.stringify({ ...explanation, decisions, failures }));
        else terminal.out(renderStory(story, terminal.colors, again));
        return 0;
      }),
    );
}

/** All that is to be told of a rollout. */
export interface Story {
  rollout: Rollout;
  explanation: Explanation;
  decisions: DecisionRecord[];
  failures: FailureGroup[];
}

async function readStory(id: string, { client }: Cli): Promise<Story> {
  const rollout = await client.get<Rollout>(rolloutPath(id));
  const decisions = await client.list<DecisionRecord>(rolloutPath(id, 'decisions'));
  const { items: failures } = await client.get<Page<FailureGroup>>(rolloutPath(id, 'failures'));
  const explanation = await client.get<Explanation>(rolloutPath(id, 'explanation'));
  return { rollout, explanation, decisions, failures };
}

/** What happened, what failed and why, what it waits for, and what may be done. */
export function renderStory(story: Story, colors: Colors, again = ''): string {
  const { rollout, explanation, decisions, failures } = story;
  const { id, reason, batches, counts } = rollout;
  const { waits, allowedActions } = explanation;
  const standing = { reason, batches, counts, again };
  return [
    headline(rollout, colors),
    ...(reason ? [reasonText(reason, colors)] : []),
    ...section('What happened:', decisions.map(told)),
    ...section('What failed:', failureLines(failures, colors).map(indented)),
    ...section('It waits for:', waits.map(waiting)),
    ...section(
      'What may be done:',
      allowedActions.length > 0 ? actionLines(allowedActions, id, standing) : [],
    ),
  ].join('\n');
}

function section(title: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines];
}

function told({ number, at, explanation }: DecisionRecord): string {
  return `${String(number).padStart(4)}  ${at.slice(0, 19)}Z  ${explanation}`;
}

function indented(line: string): string {
  return `  ${line}`;
}

function waiting({ message, until }: Explanation['waits'][number]): string {
  return until === null ? `  ${message}` : `  ${message}, until ${until}`;
}
