/** What Nest hands to the controllers: the use cases and the log, by these names. */
export const CONDUCTOR = Symbol('conductor');
export const LOG = Symbol('log');
/** Aborted when the controller stops: event streams end. */
export const STOPPING = Symbol('stopping');
