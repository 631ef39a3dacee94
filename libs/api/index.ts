export * from './access.ts';
export * from './bundle.ts';
export * from './common.ts';
export * from './host.ts';
export * from './rollout.ts';
export * from './verbs.ts';
export * from './worker.ts';
