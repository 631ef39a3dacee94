import type { Role } from '#api';

/** Which roles may use a route; undefined: anybody, without a token. */
export type Roles = readonly Role[] | undefined;

export const OPEN: Roles = undefined;
export const VIEWER: Roles = ['viewer', 'operator', 'admin'];
export const OPERATOR: Roles = ['operator', 'admin'];
export const ADMIN: Roles = ['admin'];
export const WORKER: Roles = ['worker'];
export const VIEWER_OR_WORKER: Roles = ['viewer', 'operator', 'admin', 'worker'];
