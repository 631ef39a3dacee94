import { resolve } from 'node:path';
import { openProject, type Project } from '../projects/project.ts';
import type { Environment } from '../run.ts';
import type { BundleFile } from '../schema.ts';

/** A pack of the bundle file, with its projects read. */
export interface OpenPack {
  name: string;
  projects: Project[];
  /** `module@version`, or a query such as `module@latest`. */
  also: string[];
}

/** Opens the projects of all packs: what cannot be packed is found before anything is downloaded. */
export async function openPacks(
  { packs, tools }: BundleFile,
  base: string,
  env: Environment,
): Promise<OpenPack[]> {
  const opened: OpenPack[] = [];
  for (const { name, projects, also } of packs) {
    const some: Project[] = [];
    for (const [index, folder] of projects.entries())
      some.push(await openProject(resolve(base, folder), `pack ${name}, projects[${index}]`, env));
    opened.push({ name, projects: some, also });
  }
  if (opened.length === 0 && tools.length > 0)
    opened.push({ name: 'tools', projects: [], also: [] });
  return opened;
}
