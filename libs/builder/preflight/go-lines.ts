import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compareGo, lineOf } from '#gomod';
import type { Project } from '../projects/project.ts';
import type { NewestGo } from './newest-go.ts';
import type { Obstacle } from './preflight.ts';

interface GoFile {
  path: string;
  go: string | undefined;
  toolchain: string | undefined;
}

/** A `go` line that is newer than every Go there will be: with GOTOOLCHAIN=local go refuses to do anything. */
export async function goTooOld(project: Project, newest: NewestGo): Promise<Obstacle[]> {
  const obstacles: Obstacle[] = [];
  for (const { path, go } of goFiles(project)) {
    if (go === undefined) continue;
    const place = { file: path, line: await lineIn(path, 'go') };
    if (isNewer(go, newest.version))
      obstacles.push({
        ...place,
        message: `it asks for Go ${go}, and ${newest.whose} is ${newest.version}`,
        remedy: `Add a toolchain of Go ${go} or newer to the bundle, or lower the line with \`go mod edit -go=…\` if the project builds with less.`,
      });
    else if (isNewer(go, newest.own))
      obstacles.push({
        ...place,
        message: `it asks for Go ${go}, and the bundle is built with go ${newest.own}, as it has none for this machine`,
        remedy: `Add the platform of this machine to the toolchain of the bundle, or install Go ${go} or newer here.`,
      });
  }
  return obstacles;
}

/** The `toolchain` line is advice, which hosts with GOTOOLCHAIN=local do not take. */
export async function toolchainIgnored(project: Project, newest: NewestGo): Promise<Obstacle[]> {
  const obstacles: Obstacle[] = [];
  for (const { path, toolchain } of goFiles(project))
    if (toolchain !== undefined && toolchain !== 'default' && isNewer(toolchain, newest.version))
      obstacles.push({
        file: path,
        line: await lineIn(path, 'toolchain'),
        message: `it prefers ${toolchain}, and ${newest.whose} is ${newest.version}`,
        remedy:
          'Hosts build it with the Go they have; add that toolchain if it has to be this one.',
      });
  return obstacles;
}

/** go.work comes first: it is what go reads first. */
function goFiles({ folder, isWorkspace, members, go, toolchain }: Project): GoFile[] {
  const own = members.map((member) => ({
    path: join(folder, member.folder, 'go.mod'),
    go: member.mod.go,
    toolchain: member.mod.toolchain,
  }));
  return isWorkspace ? [{ path: join(folder, 'go.work'), go, toolchain }, ...own] : own;
}

function isNewer(go: string, than: string | undefined): boolean {
  return than !== undefined && compareGo(go, than) > 0;
}

async function lineIn(path: string, verb: string): Promise<number | undefined> {
  return lineOf(await readFile(path, 'utf8'), path, verb);
}
