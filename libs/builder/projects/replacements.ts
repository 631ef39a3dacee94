import { join, normalize } from 'node:path';
import { GofleetError } from '#errors';
import { isFolder, type ModuleVersion, type Replacement } from '#gomod';
import type { Shape } from './project.ts';

/** What stands for a module in the build: itself, another one, or undefined for a folder, which the project brings along. */
export function replaced(
  module: ModuleVersion,
  replace: readonly Replacement[],
): ModuleVersion | undefined {
  const own = replace.filter(({ old }) => old.path === module.path);
  const found =
    own.find(({ old }) => old.version === module.version) ??
    own.find(({ old }) => old.version === undefined);
  if (!found) return module;
  const { path, version } = found.new;
  return version === undefined ? undefined : { path, version };
}

/** Refuses modules replaced by folders that a host would not get. Throws `invalid_file` with the line. */
export function refuseReplacements({ members, isWorkspace, replace }: Shape, folder: string): void {
  const files = members.map((member) => ({
    file: join(folder, member.folder, 'go.mod'),
    from: member.folder,
    replace: member.mod.replace,
  }));
  if (isWorkspace) {
    const own = replace.filter((each) => !files.some((file) => file.replace.includes(each)));
    files.unshift({ file: join(folder, 'go.work'), from: '.', replace: own });
  }
  for (const each of files) refuseIn(each);
}

interface Replacing {
  file: string;
  /** The folder of that file, from the project's. */
  from: string;
  replace: Replacement[];
}

function refuseIn({ file, from, replace }: Replacing): void {
  const outside = replace.filter(
    (each) =>
      isFolder(each) &&
      leadsOut(each.new.path.startsWith('/') ? each.new.path : join(from, each.new.path)),
  );
  const [first] = outside;
  if (!first) return;
  const errors = outside.map(({ old, new: to, line }) => ({
    path: `replace ${old.path}`,
    line,
    message: `${to.path} lies outside the project`,
  }));
  throw new GofleetError(
    'invalid_file',
    `${file} line ${first.line}: replace by ${first.new.path} leads outside the project`,
    {
      remedy:
        'Move that module into the project, make both a workspace and name its folder, or publish it and require a version.',
      errors,
    },
  );
}

/** Whether a path from the project's folder is none in it. */
export function leadsOut(path: string): boolean {
  const to = normalize(path);
  return to.startsWith('/') || to === '..' || to.startsWith('../');
}
