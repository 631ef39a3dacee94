import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pack, PackProject, Tool } from '#bundle';
import type { OwnGo } from '../toolchains/own-go.ts';
import type { Environment } from '../run.ts';
import { writtenByGo } from './attempt.ts';
import type { Stage } from './stage.ts';
import { stepsOf, type Step } from './steps.ts';

/** Something of a pack that is rehearsed by itself: a project, a tool, a module of `also`. */
export interface Role {
  pack: string;
  name: string;
  /** What its result depends on, besides Go and pack. */
  inputs: string[];
  steps: Step[];
  /** Brings it on stage. */
  enter(stage: Stage): Promise<Entered>;
}

/** Where a role is played. */
export interface Entered {
  folder: string;
  /** Files that go may write to, from the folder. */
  files: readonly string[];
  env: Environment;
}

/** All that is to be rehearsed of a pack. */
export function rolesOf(
  pack: Pack,
  tools: readonly Tool[],
  own: OwnGo,
  others: readonly string[],
): Role[] {
  const those = tools.filter((tool) => tool.packs.includes(pack.name));
  const ofTools = new Set(those.map(({ module, version }) => `${module}@${version}`));
  const also = pack.also.filter((module) => !ofTools.has(module));
  return [
    ...pack.projects.map((project) => projectRole(pack, project, own, others)),
    ...those.map((tool) => toolRole(pack, tool, own)),
    ...also.map((module) => alsoRole(pack, module, own)),
  ];
}

function projectRole(
  { name: pack }: Pack,
  project: PackProject,
  { platform }: OwnGo,
  others: readonly string[],
): Role {
  const { name, tree, workspace, blob } = project;
  const steps = stepsOf(project, platform, others);
  return {
    pack,
    name,
    inputs: [name, tree, JSON.stringify(steps)],
    steps,
    enter: async (stage) => {
      const folder = join(await stage.unpack(blob, `projects/${name}`), name);
      const isWorkspace = workspace.length > 0;
      return {
        folder,
        files: writtenByGo(isWorkspace ? workspace : ['.']),
        env: { GOWORK: isWorkspace ? join(folder, 'go.work') : 'off' },
      };
    },
  };
}

function toolRole({ name: pack }: Pack, tool: Tool, { platform }: OwnGo): Role {
  const name = `${tool.package}@${tool.version}`;
  const calls = [{ args: ['install', name], folder: '.' }];
  return {
    pack,
    name,
    inputs: ['install', name],
    steps: [{ step: 'install', platform, calls }],
    enter: async (stage) => ({
      folder: await stage.folder('nowhere'),
      files: [],
      env: { GOWORK: 'off' },
    }),
  };
}

/** A module with nothing in it asks for this one, and for all that may be needed with it. */
function alsoRole({ name: pack }: Pack, module: string, { platform, version }: OwnGo): Role {
  const calls = [
    { args: ['get', module], folder: '.' },
    { args: ['mod', 'download', 'all'], folder: '.' },
  ];
  return {
    pack,
    name: module,
    inputs: ['get', module],
    steps: [{ step: 'get', platform, calls }],
    enter: async (stage) => {
      const folder = await stage.folder('empty');
      const go = version
        .split('.')
        .slice(0, 2)
        .join('.')
        .replace(/[a-z].*/, '');
      await writeFile(join(folder, 'go.mod'), `module empty.invalid/empty\n\ngo ${go}\n`);
      return { folder, files: writtenByGo(['.']), env: { GOWORK: 'off' } };
    },
  };
}
