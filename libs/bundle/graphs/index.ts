export { graphsBlob, readAllGraphs, readGraphs, readGraphsBlob } from './blob.ts';
export {
  drawModules,
  drawPackages,
  type Drawing,
  type DrawingOptions,
  type DrawnEdge,
  type DrawnNode,
} from './drawing.ts';
export { toDot } from './dot.ts';
export { MERMAID_LIMITS, toMermaid } from './mermaid.ts';
export { narrowed, type Narrowing } from './narrow.ts';
export { GraphModule, GraphPackage, Graphs, ProjectGraph } from './schema.ts';
