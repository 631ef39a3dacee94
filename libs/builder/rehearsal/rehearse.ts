import { RehearsalStep, type Pack, type Rehearsal, type Tool } from '#bundle';
import { z } from 'zod';
import type { Build } from '../build.ts';
import type { OwnGo } from '../toolchains/own-go.ts';
import { judge } from './judge.ts';
import { networkCut } from './network.ts';
import { rolesOf, type Role } from './roles.ts';
import { openStage, type Stage } from './stage.ts';

/** What is to be rehearsed, and for which platforms besides the builder's own. */
export interface RehearsalWanted {
  packs: readonly Pack[];
  tools: readonly Tool[];
  /** `linux/arm64`, … */
  platforms: readonly string[];
}

/**
 * Tries every project, tool and module of `also` from its pack alone, in an empty home with the network cut; what
 * passed before with the same inputs is not tried again. Throws `rehearsal_failed` where a pack lacks something; faults
 * that are the project's own are in the result.
 */
export async function rehearse(
  { packs, tools, platforms }: RehearsalWanted,
  own: OwnGo,
  build: Build,
): Promise<Rehearsal> {
  const network = await networkCut(build.env);
  const others = platforms.filter((platform) => platform !== own.platform);
  const projects: Rehearsal['projects'] = [];
  for (const pack of packs) {
    await using stage = lazily(() => openStage(pack, own, network, build));
    for (const role of rolesOf(pack, tools, own, others)) {
      const inputs = ['rehearsal', own.key, network, pack.tree, pack.sumdb?.key ?? 'off'];
      const { steps } = await build.bench.once(
        [...inputs, ...role.inputs],
        z.strictObject({ steps: z.array(RehearsalStep) }),
        async () => ({ steps: await play(role, await stage.open(), build) }),
        (made) => made.steps.every(({ result }) => result === 'passed'),
      );
      projects.push({ pack: pack.name, project: role.name, steps });
    }
  }
  return { go: own.version, network, projects };
}

async function play(role: Role, stage: Stage, build: Build): Promise<RehearsalStep[]> {
  const project = await role.enter(stage);
  const played: RehearsalStep[] = [];
  for (const step of role.steps) {
    const where = step.step === 'typecheck' ? ` for ${step.platform}` : '';
    build.progress({ step: 'rehearsal', message: `${role.name}: ${step.step}${where}` });
    played.push(await judge(role, project, step, stage));
  }
  return played;
}

/** A stage that is built when somebody first enters it. */
function lazily(build: () => Promise<Stage>): AsyncDisposable & { open(): Promise<Stage> } {
  let built: Promise<Stage> | undefined;
  return {
    open: () => (built ??= build()),
    [Symbol.asyncDispose]: async () => (await built)?.[Symbol.asyncDispose](),
  };
}
