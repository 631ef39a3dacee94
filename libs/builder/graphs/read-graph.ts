import type { ProjectGraph } from '#bundle';
import type { Go } from '../go.ts';
import type { Environment } from '../run.ts';
import { moduleGraph } from './modules.ts';
import { packageGraph } from './packages.ts';

/** Where go can be asked about a project: a copy of it, with all of its modules in the module cache that `env` names. */
export interface AskedProject {
  name: string;
  cwd: string;
  env: Environment;
  /** Folders of its modules, from `cwd`. */
  folders: readonly string[];
}

/** Which files of a package count: those of a build for this platform, with cgo. */
export interface GraphPlatform {
  os: string;
  arch: string;
}

/** What a project needs, as go itself tells it; sorted, so that the same project gives the same graph. */
export async function readGraph(
  project: AskedProject,
  { os, arch }: GraphPlatform,
  go: Go,
): Promise<ProjectGraph> {
  const env = { ...project.env, GOOS: os, GOARCH: arch, CGO_ENABLED: '1' };
  const ask = async (...args: string[]): Promise<string> => go.run(args, { cwd: project.cwd, env });
  const { modules, requires } = moduleGraph(
    await ask('list', '-m', '-f', MODULE, 'all'),
    await ask('mod', 'graph'),
  );
  const listed = await ask('list', '-e', '-deps', '-test', '-f', PACKAGE, ...patterns(project));
  return { name: project.name, modules, requires, ...packageGraph(listed, modules) };
}

/** Columns with tabs between; `-json` would give the same in fifty times the bytes. */
const MODULE =
  '{{.Path}}\t{{.Version}}\t{{.Indirect}}\t{{with .Replace}}{{.Path}}\t{{.Version}}{{end}}';
const PACKAGE =
  '{{if not .Standard}}{{.ImportPath}}\t{{.ForTest}}\t{{with .Module}}{{.Path}}{{end}}\t{{range .Imports}}{{.}},{{end}}{{end}}';

/** In a workspace `./...` means the module of the folder alone, and there may be none. */
function patterns({ folders }: AskedProject): string[] {
  return folders.map((folder) => (folder === '.' ? './...' : `./${folder}/...`));
}
