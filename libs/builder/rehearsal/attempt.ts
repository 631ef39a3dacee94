import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunResult } from '../run.ts';
import type { Entered } from './roles.ts';
import type { GoCall } from './stage.ts';
import type { Step } from './steps.ts';

/** How a step failed: the call, and what go said. */
export interface Failure {
  command: string;
  said: string;
  /** Where it ran: go shortens paths from there. */
  cwd: string;
}

/** Runs the calls of a step until one fails, and leaves the project as it was, for the next one. */
export async function attempt(
  { calls, keeps }: Step,
  { folder, files, env }: Entered,
  run: (call: GoCall) => Promise<RunResult>,
): Promise<Failure | undefined> {
  const before = await textsOf(folder, files);
  try {
    for (const { args, folder: below, env: more } of calls) {
      const cwd = join(folder, below);
      const ran = await run({ args, cwd, env: { ...env, ...more } });
      const command = `go ${args.join(' ')}`;
      if (ran.code !== 0) return { command, cwd, said: ran.stderr || ran.stdout };
      const changed = keeps && (await firstChanged(before, folder, files));
      if (changed) return { command, cwd, said: `${command} would change ${changed}` };
    }
    return undefined;
  } finally {
    await restore(before, folder);
  }
}

/** The files of a project that go may write to: those of its modules and of its workspace. */
export function writtenByGo(members: readonly string[]): string[] {
  const own = members.flatMap((member) => [join(member, 'go.mod'), join(member, 'go.sum')]);
  return [...own, 'go.work', 'go.work.sum'];
}

type Texts = Map<string, string | undefined>;

async function textsOf(folder: string, files: readonly string[]): Promise<Texts> {
  const texts = files.map(async (name): Promise<[string, string | undefined]> => [
    name,
    await readFile(join(folder, name), 'utf8').catch(() => undefined),
  ]);
  return new Map(await Promise.all(texts));
}

/** An empty go.sum and none are the same to go. */
async function firstChanged(
  before: Texts,
  folder: string,
  files: readonly string[],
): Promise<string | undefined> {
  const now = await textsOf(folder, files);
  return files.find((name) => (before.get(name) ?? '') !== (now.get(name) ?? ''));
}

async function restore(before: Texts, folder: string): Promise<void> {
  for (const [name, text] of before)
    if (text === undefined) await rm(join(folder, name), { force: true });
    else await writeFile(join(folder, name), text);
}
