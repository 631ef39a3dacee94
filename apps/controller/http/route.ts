import type { z } from 'zod';
import type { Permission } from '#api';
import type { Roles } from './roles.ts';

export type Method = 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'DELETE';

/** One row of the table of routes: who may use it, what it takes and what it answers. */
export interface Route {
  method: Method;
  /** As Fastify writes it: `/v1/rollouts/:id`. */
  path: string;
  roles: Roles;
  /** A token with this permission may use it too, whatever its role. */
  permission?: Permission;
  summary: string;
  status: number;
  /** Known, but of a later release: answers 501. */
  later?: true;
  query?: z.ZodObject;
  body?: z.ZodType;
  /** Content types of the body: JSON and YAML where it has a schema and nothing else is said. */
  bodyTypes?: string[];
  /** Bytes of a body that is text; 5 MB unless said otherwise. */
  mostBytes?: number;
  /** Of a JSON answer; without it the answer has the types of `answerTypes`, or is empty. */
  answer?: z.ZodType;
  answerTypes?: string[];
  /** The controller writes the answer itself, piece by piece. */
  streamed?: true;
  /** The Location of what was created. */
  location?: (answer: Record<string, unknown>) => string | undefined;
  /** Another status that some answers have. */
  otherwise?: { status: number; when: (answer: Record<string, unknown>) => boolean };
  /** The answer holds a secret: what an idempotency key keeps of it is encrypted. */
  secret?: true;
}
