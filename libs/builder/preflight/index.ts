export { namingRequirement } from './dependency-go.ts';
export { newestGo, type NewestGo } from './newest-go.ts';
export { preflight } from './preflight.ts';
