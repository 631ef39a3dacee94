/** Who asked for the transaction: each use case that writes, the loops that follow it, and what a timer began. */
export const WRITERS = ['open', 'create', 'claim', 'report', 'verb', 'conduct', 'timer'] as const;
export type Writer = (typeof WRITERS)[number];

/**
 * Where the controller may die: around each commit (after one, its outbox is not sent yet), around the sending of
 * invitations, around each answer to a worker. Where a worker may die: between any two things that it does to a host.
 */
export const CONTROLLER_POINTS = [
  ...WRITERS.flatMap((writer) => [
    `before commit of ${writer}` as const,
    `after commit of ${writer}` as const,
  ]),
  'before inviting',
  'after inviting',
  'before the answer to a claim',
  'after the answer to a claim',
  'before the answer to a report',
  'after the answer to a report',
] as const;

export const WORKER_POINTS = [
  'after a claim',
  'before a switch',
  'after a switch',
  'after the checks, before the report',
] as const;

export type ControllerPoint = (typeof CONTROLLER_POINTS)[number];
export type WorkerPoint = (typeof WORKER_POINTS)[number];
export type Point = ControllerPoint | WorkerPoint;
export const POINTS: readonly Point[] = [...CONTROLLER_POINTS, ...WORKER_POINTS];

/** A death that is planned: at a point, after it was passed so many times. */
export interface Crash {
  point: Point;
  after: number;
}

/** Counts how often each point is passed, and says when it is time to die. */
export interface Fuse {
  /** True: whoever passes it dies here. */
  blows(point: Point): boolean;
  /** Points at which somebody died. */
  readonly blown: Point[];
}

export function createFuse(crashes: readonly Crash[]): Fuse {
  const planned = crashes.map((crash) => ({ ...crash }));
  const blown: Point[] = [];
  return {
    blown,
    blows(point) {
      const found = planned.findIndex((each) => each.point === point && each.after <= 0);
      for (const each of planned) if (each.point === point) each.after -= 1;
      if (found < 0) return false;
      planned.splice(found, 1);
      blown.push(point);
      return true;
    },
  };
}
