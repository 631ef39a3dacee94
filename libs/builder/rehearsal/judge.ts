import type { RehearsalStep } from '#bundle';
import { GofleetError } from '#errors';
import { attempt, type Failure } from './attempt.ts';
import type { Entered, Role } from './roles.ts';
import type { Stage } from './stage.ts';
import type { Step } from './steps.ts';
import { isUnreachable, telling } from './words.ts';

/**
 * Tries a step from the pack alone. One that fails is tried again with the network: failing there too, it is the
 * project's own fault and noted; else the pack lacks something, which is the error `rehearsal_failed`.
 */
export async function judge(
  role: Role,
  where: Entered,
  step: Step,
  stage: Stage,
): Promise<RehearsalStep> {
  const { step: name, platform } = step;
  const failed = await attempt(step, where, stage.offline);
  if (!failed) return { step: name, platform, result: 'passed', note: '' };
  const online = await attempt(step, where, stage.online);
  const note = telling(stage.plain(failed));
  if (!online || isUnreachable(online.said)) throw incomplete(role, failed, note, online);
  const lacks = await needsC(where, step, stage);
  if (lacks !== undefined) return { step: name, platform, result: 'not-applicable', note: lacks };
  return {
    step: name,
    platform,
    result: 'fails-online-too',
    note: telling(stage.plain(online)),
  };
}

/** A package with C in it cannot be built for another platform, nor where no C compiler is. */
async function needsC(where: Entered, step: Step, stage: Stage): Promise<string | undefined> {
  const [GOOS, GOARCH] = step.platform.split('/');
  const without = step.calls[0]?.env?.['CGO_ENABLED'] === '0' || !(await hasC(where, stage));
  if (!without) return undefined;
  const format = '{{if and .CgoFiles (not .Standard)}}{{.ImportPath}}{{end}}';
  const patterns = (step.calls[0]?.args ?? []).filter((arg) => arg.startsWith('./'));
  const ran = await stage.offline({
    args: ['list', '-e', '-deps', '-f', format, ...(patterns.length > 0 ? patterns : ['./...'])],
    cwd: where.folder,
    env: { ...where.env, GOOS, GOARCH, CGO_ENABLED: '1' },
  });
  const [first] = ran.stdout.split('\n').filter(Boolean).sort();
  return first === undefined ? undefined : `${first} needs a C compiler for ${step.platform}`;
}

/** Go turns cgo off by itself where it finds no C compiler (from 1.20 on). */
async function hasC({ folder, env }: Entered, stage: Stage): Promise<boolean> {
  const ran = await stage.offline({ args: ['env', 'CGO_ENABLED'], cwd: folder, env });
  return ran.stdout.trim() === '1';
}

function incomplete(
  { pack, name }: Role,
  { command, said }: Failure,
  note: string,
  online: Failure | undefined,
): GofleetError {
  const also = online ? 'and could not be tried with a network' : 'and works with a network';
  return new GofleetError(
    'rehearsal_failed',
    `pack ${pack}, ${name}: \`${command}\` fails with what is in the pack, ${also}: ${note}`,
    {
      remedy: online
        ? 'Build where the module proxy answers, so that it can be told whether the pack or the project is at fault.'
        : 'Name what it asks for under `also` of the pack; `--no-rehearsal` makes the bundle as it is.',
      details: { pack, project: name, command, said: said.split('\n').slice(-50) },
    },
  );
}
