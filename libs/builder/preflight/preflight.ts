import { GofleetError, type Fault } from '#errors';
import type { Build } from '../build.ts';
import type { OpenPack } from '../packs/open-packs.ts';
import type { Project } from '../projects/project.ts';
import { goTooOld, toolchainIgnored } from './go-lines.ts';
import { missingSums } from './missing-sums.ts';
import type { NewestGo } from './newest-go.ts';
import { needsC } from './needs-c.ts';
import { vendorDisagrees } from './vendor.ts';

/** What cannot work, where, and what to do about it. */
export interface Obstacle {
  /** The file at fault, as an absolute path. */
  file: string;
  line?: number;
  message: string;
  remedy: string;
}

type Look = (project: Project, go: NewestGo, build: Build) => Promise<Obstacle[]>;

/** In the order in which go would come across them. */
const LOOKS: Look[] = [
  goTooOld, // go refuses at once
  vendorDisagrees, // then it looks whether vendor/ is what go.mod says
  missingSums, // then it reads the go.mod of each module
];

/** What does no harm to the bundle, but may surprise. */
const WARNINGS: Look[] = [toolchainIgnored, needsC];

/**
 * Looks, without any network, for what could not work on a host however complete the pack is. Throws `invalid_file`
 * that tells of the first such thing, with file, line and remedy, and lists the others of that project.
 */
export async function preflight(
  packs: readonly OpenPack[],
  go: NewestGo,
  build: Build,
): Promise<void> {
  for (const project of packs.flatMap(({ projects }) => projects)) {
    const found = (await Promise.all(LOOKS.map((look) => look(project, go, build)))).flat();
    const [first] = found;
    if (first) throw cannotWork(first, found);
    const warnings = (await Promise.all(WARNINGS.map((look) => look(project, go, build)))).flat();
    for (const warning of warnings)
      build.progress({
        step: 'preflight',
        message: `${sentence(warning)}. ${warning.remedy}`,
        warning: true,
      });
  }
}

function cannotWork(first: Obstacle, found: readonly Obstacle[]): GofleetError {
  const errors = found.slice(1).map((each): Fault => {
    const { file, line, message } = each;
    return line === undefined ? { path: file, message } : { path: file, line, message };
  });
  return new GofleetError('invalid_file', sentence(first), { remedy: first.remedy, errors });
}

function sentence({ file, line, message }: Obstacle): string {
  return `${file}${line === undefined ? '' : ` line ${line}`}: ${message}`;
}
