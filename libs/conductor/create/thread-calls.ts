import { GofleetError, toGofleetError, type ErrorCode, type Fault } from '#errors';
import type { Playbook } from '#operations';
import type { Drawing } from './drawing.ts';
import type { NewHost } from './host-rows.ts';
import type { LookedUp } from './look-up.ts';
import type { PlanSource } from './read-plan.ts';
import type { Named } from './sources.ts';

/** A drawing without its hosts, which come over in pieces. */
export type DrawingHead = Omit<Drawing, 'hosts' | 'digest'>;

/** What the thread is asked, and what it answers. */
export interface Calls {
  read: [given: PlanSource, answer: { plan: { bundle: string }; playbook: Named<Playbook> }];
  drawUp: [given: LookedUp, answer: DrawingHead];
  hosts: [given: { from: number; most: number }, answer: NewHost[]];
  digest: [given: undefined, answer: string];
  locate: [given: SentError, answer: SentError];
}

export type Asked = {
  [K in keyof Calls]: { number: number; call: K; given: Calls[K][0] };
}[keyof Calls];

export type Answered =
  { number: number; answer: Calls[keyof Calls][1] } | { number: number; error: SentError };

/** An error between two threads: a class would arrive without its name. */
export interface SentError {
  code: ErrorCode;
  message: string;
  remedy: string;
  errors: Fault[];
  details: Record<string, unknown>;
  stack: string | undefined;
}

export function sendError(error: unknown): SentError {
  const { code, message, remedy, errors, details, cause, stack } = toGofleetError(error);
  const deepest = cause instanceof Error ? cause.stack : stack;
  return { code, message, remedy, errors, details, stack: deepest };
}

/** The stack of the other thread is its cause. */
export function receiveError({ code, message, stack, ...rest }: SentError): GofleetError {
  return new GofleetError(code, message, { ...rest, cause: stack });
}
