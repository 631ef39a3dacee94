import type { Drawing, DrawnNode } from './drawing.ts';

/** A digraph in the DOT language of Graphviz (https://graphviz.org/doc/info/lang.html). Packages are in a box for each module. */
export function toDot({ nodes, edges }: Drawing): string {
  const groups = [...Map.groupBy(nodes, ({ module }) => module)];
  const lines = [
    'digraph gofleet {',
    '  rankdir=LR;',
    '  node [shape=box];',
    ...groups.flatMap(([module, members], index) =>
      module === null
        ? members.map((node) => `  ${statement(node)}`)
        : [
            `  subgraph cluster_${index} {`,
            `    label=${quoted(module)};`,
            ...members.map((node) => `    ${statement(node)}`),
            '  }',
          ],
    ),
    ...edges.map(
      ({ from, to, test }) => `  ${quoted(from)} -> ${quoted(to)}${test ? ' [style=dashed]' : ''};`,
    ),
    '}',
  ];
  return `${lines.join('\n')}\n`;
}

const STYLES: Record<DrawnNode['kind'], string> = {
  own: ', style=bold',
  used: '',
  outvoted: ', style=dashed',
};

function statement({ name, path, version, kind }: DrawnNode): string {
  const label =
    version === null ? quoted(path) : `${quoted(path).slice(0, -1)}\\n${quoted(version).slice(1)}`;
  return `${quoted(name)} [label=${label}${STYLES[kind]}];`;
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', String.raw`\"`)}"`;
}
