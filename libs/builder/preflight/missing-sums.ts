import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lineOf } from '#gomod';
import type { Project } from '../projects/project.ts';
import { replaced } from '../projects/replacements.ts';
import type { Obstacle } from './preflight.ts';

/**
 * Requirements that no go.sum has: go reads the go.mod of each, and refuses one without a sum. From vendor/ it builds
 * without any.
 */
export async function missingSums(project: Project): Promise<Obstacle[]> {
  const { folder, members, replace, sums, vendored } = project;
  if (vendored) return [];
  const own = new Set(members.map(({ mod }) => mod.module));
  const obstacles: Obstacle[] = [];
  for (const member of members) {
    const file = join(folder, member.folder, 'go.mod');
    for (const required of member.mod.require) {
      const module = replaced(required, replace);
      if (own.has(required.path) || module === undefined) continue;
      if (sums.some((sum) => sum.goMod(module).length > 0)) continue;
      const line = lineOf(await readFile(file, 'utf8'), file, 'require', required.path);
      obstacles.push({
        file,
        line,
        message: `go.sum has no line for the go.mod of ${module.path}@${module.version}`,
        remedy: 'Run `go mod tidy` there and commit go.sum.',
      });
    }
  }
  return obstacles;
}
