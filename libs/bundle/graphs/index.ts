export { graphsBlob, readGraphs, readGraphsBlob } from './blob.ts';
export { GraphModule, GraphPackage, Graphs, ProjectGraph } from './schema.ts';
