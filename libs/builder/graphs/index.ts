export { keepGraphs } from './keep-graphs.ts';
export { readGraph, type AskedProject, type GraphPlatform } from './read-graph.ts';
