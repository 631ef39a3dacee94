import type { Drawing, DrawnNode } from './drawing.ts';

/** What Mermaid draws unless whoever shows it allows more (maxEdges, maxTextSize). */
export const MERMAID_LIMITS = { edges: 500, characters: 50_000 };

/** A flowchart for Mermaid, as Markdown pages show it. Packages are in a box for each module. */
export function toMermaid({ nodes, edges }: Drawing): string {
  const ids = new Map(nodes.map(({ name }, index) => [name, `n${index}`]));
  const id = (name: string): string => ids.get(name) ?? '';
  const box = (node: DrawnNode): string =>
    `${id(node.name)}["${labelOf(node)}"]${STYLES[node.kind]}`;
  const groups = [...Map.groupBy(nodes, ({ module }) => module)];
  const lines = [
    'flowchart LR',
    ...groups.flatMap(([module, members], index) =>
      module === null
        ? members.map((node) => `  ${box(node)}`)
        : [
            `  subgraph m${index}["${escaped(module)}"]`,
            ...members.map((node) => `    ${box(node)}`),
            '  end',
          ],
    ),
    ...edges.map(({ from, to, test }) => `  ${id(from)} ${test ? '-.->' : '-->'} ${id(to)}`),
    '  classDef own stroke-width:3px',
    '  classDef outvoted stroke-dasharray:4',
  ];
  return `${lines.join('\n')}\n`;
}

const STYLES: Record<DrawnNode['kind'], string> = {
  own: ':::own',
  used: '',
  outvoted: ':::outvoted',
};

function labelOf({ path, version }: DrawnNode): string {
  return version === null ? escaped(path) : `${escaped(path)}<br>${escaped(version)}`;
}

/** Anything that might mean something to Mermaid as the number of its character. */
function escaped(text: string): string {
  return text.replaceAll(/[^\w./@+~ -]/gu, (character) => `#${character.codePointAt(0)};`);
}
