import type { PackProject, RehearsalStep } from '#bundle';
import type { Environment } from '../run.ts';

/** What is tried under one name: go calls in a row, from folders of the project. */
export interface Step {
  step: RehearsalStep['step'];
  platform: string;
  calls: { args: string[]; folder: string; env?: Environment }[];
  /** Whether it is to leave go.mod and go.sum as they are. */
  keeps?: true;
}

/** All that is asked of a project, in order: on the builder's own platform, then whether it compiles for the others. */
export function stepsOf(
  { workspace, vendored }: Pick<PackProject, 'workspace' | 'vendored'>,
  own: string,
  others: readonly string[],
): Step[] {
  const members = workspace.length > 0 ? workspace : ['.'];
  const packages = members.map((member) => (member === '.' ? './...' : `./${member}/...`));
  // past vendor/, which go itself prefers; a workspace knows no -mod=mod
  const fromPack = workspace.length > 0 ? '-mod=readonly' : '-mod=mod';
  const modes = vendored ? [[], [fromPack]] : [[]];
  const listed = vendored ? [fromPack] : [];
  const here = (...args: string[]) => ({ args, folder: '.' });
  const step = (name: Step['step'], ...calls: Step['calls']): Step => ({
    step: name,
    platform: own,
    calls,
  });
  return [
    step('verify', here('mod', 'download'), here('mod', 'verify')),
    step('list', here('list', ...listed, '-m', 'all')),
    step('build', ...modes.map((mode) => here('build', ...mode, '-o', '/dev/null', ...packages))),
    step('vet', here('vet', ...packages)),
    // compiled and linked, not run; of dependencies, all that their tests import is there
    step(
      'test',
      here('test', '-count=1', '-vet=off', '-exec=true', ...packages),
      here('list', ...listed, '-deps', '-test', 'all'),
    ),
    {
      ...step('tidy', ...members.map((folder) => ({ args: ['mod', 'tidy'], folder }))),
      keeps: true,
    },
    ...others.map((platform) => typecheck(platform, packages)),
  ];
}

/** One check of vet that asks little: before any, vet compiles what is imported and checks the types of the rest. */
function typecheck(platform: string, packages: string[]): Step {
  const [GOOS, GOARCH] = platform.split('/');
  const env = { GOOS, GOARCH, CGO_ENABLED: '0' };
  return {
    step: 'typecheck',
    platform,
    calls: [{ args: ['vet', '-buildtag', ...packages], folder: '.', env }],
  };
}
