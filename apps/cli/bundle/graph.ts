import {
  drawModules,
  drawPackages,
  MERMAID_LIMITS,
  narrowed,
  openBundle,
  readGraphs,
  toDot,
  toMermaid,
  type Drawing,
  type Graphs,
} from '#bundle';
import { GofleetError } from '#errors';
import { Option, type Command } from 'commander';
import type { Cli } from '../cli.ts';
import { wholeNumber } from '../values.ts';
import { choosePack } from './choose-pack.ts';

interface GraphFlags {
  pack?: string;
  project?: string;
  packages?: true;
  tests?: true;
  allVersions?: true;
  depth?: number;
  focus?: string;
  format: 'mermaid' | 'dot';
}

export function addBundleGraph(bundle: Command, cli: Cli): void {
  bundle
    .command('graph')
    .description('draw what the projects of a bundle need, for Mermaid or Graphviz')
    .argument('<path>', 'bundle folder or .gofleet file')
    .option('--pack <name>', 'which pack, where there are several')
    .option('--project <name>', 'one project of the pack')
    .option('--packages', 'packages instead of modules, without the standard library')
    .option('--tests', 'with --packages: what tests of the projects import too')
    .option('--all-versions', 'of modules also versions that no build uses')
    .option(
      '--depth <edges>',
      'no further than this from the projects, or from --focus',
      wholeNumber,
    )
    .option('--focus <name>', 'what leads to a module or package and what it leads to; * for any')
    .addOption(
      new Option('--format <format>', 'mermaid, or dot for Graphviz')
        .choices(['mermaid', 'dot'])
        .default('mermaid'),
    )
    .action(cli.action((path: string, flags: GraphFlags) => graph(path, flags, cli)));
}

async function graph(path: string, flags: GraphFlags, { terminal }: Cli): Promise<0> {
  assertTogether(flags);
  const opened = await openBundle(path);
  const pack = choosePack(opened.manifest, flags.pack);
  const graphs = await readGraphs(opened, pack);
  if (!graphs)
    throw new GofleetError('not_found', `the pack ${pack.name} has no graphs`, {
      remedy: 'Packs without projects have none; else build the bundle again with this release.',
    });
  const drawing = draw(graphs, flags);
  const text = flags.format === 'dot' ? toDot(drawing) : toMermaid(drawing);
  if (flags.format === 'mermaid' && isTooLarge(drawing, text) && !terminal.json)
    terminal.err(
      `warning: ${drawing.edges.length} edges: Mermaid draws ${MERMAID_LIMITS.edges} unless it is told otherwise; see --depth, --focus, --format dot`,
    );
  terminal.out(terminal.json ? JSON.stringify(drawing) : text.trimEnd());
  return 0;
}

function draw(graphs: Graphs, flags: GraphFlags): Drawing {
  const { project, focus, depth } = flags;
  const names = graphs.projects.map(({ name }) => name);
  if (project !== undefined && !names.includes(project))
    throw new GofleetError('not_found', `the pack has no project ${project}`, {
      remedy: `Its projects are: ${names.join(', ')}.`,
    });
  const whole = flags.packages ? drawPackages(graphs, flags) : drawModules(graphs, flags);
  if (focus === undefined && depth === undefined) return whole;
  const part = narrowed(whole, { focus, depth });
  if (part.nodes.length === 0)
    throw new GofleetError('not_found', `nothing in the graph is named ${focus}`, {
      remedy:
        'Name a path, with or without @version; * stands for any characters: --focus "*yaml*".',
    });
  return part;
}

function assertTogether({ packages, tests, allVersions }: GraphFlags): void {
  const wrong =
    packages && allVersions ? '--all-versions' : !packages && tests ? '--tests' : undefined;
  if (wrong)
    throw new GofleetError(
      'usage',
      `${wrong} means nothing ${packages ? 'with' : 'without'} --packages`,
      {
        remedy: 'See "gofleet bundle graph --help".',
      },
    );
}

function isTooLarge({ edges }: Drawing, text: string): boolean {
  return edges.length > MERMAID_LIMITS.edges || text.length > MERMAID_LIMITS.characters;
}
