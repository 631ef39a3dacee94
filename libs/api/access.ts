import { z } from 'zod';
import { PageQuery, Time } from './common.ts';

/** Of a person: viewer < operator < admin. A worker's is bound to one site. */
export const Role = z.enum(['viewer', 'operator', 'admin', 'worker']);
export type Role = z.infer<typeof Role>;

/** What a token may do beside its role; an admin has all of them. */
export const Permission = z.enum(['approve']);
export type Permission = z.infer<typeof Permission>;

/** Who asks: a token, without its secret. */
export interface Actor {
  /** The id of the token. */
  token: string;
  name: string;
  role: Role;
  /** Of a worker's token. */
  site: string | null;
  permissions?: Permission[];
}

export const TokenBody = z
  .strictObject({
    name: z.string().min(1).max(100).optional(),
    role: Role,
    site: z.string().min(1).max(100).optional(),
    permissions: z.array(Permission).max(10).optional(),
  })
  .refine((token) => (token.role === 'worker') === (token.site !== undefined), {
    path: ['site'],
    error: 'a worker needs a site, and only a worker has one',
  })
  .refine((token) => token.role !== 'worker' || (token.permissions ?? []).length === 0, {
    path: ['permissions'],
    error: 'a worker has none',
  });
export type TokenBody = z.infer<typeof TokenBody>;

export const Token = z.strictObject({
  id: z.string(),
  name: z.string(),
  role: Role,
  site: z.string().nullable(),
  permissions: z.array(Permission),
  createdAt: Time,
  createdBy: z.string(),
  lastUsedAt: Time.nullable(),
});
export type Token = z.infer<typeof Token>;

/** The answer to its creation: the only time that the secret is shown. */
export const NewToken = Token.extend({ secret: z.string() });
export type NewToken = z.infer<typeof NewToken>;

export const AuditEntry = z.strictObject({
  id: z.int(),
  at: Time,
  /** The name of the token, and its id; `gofleet` itself has none. */
  who: z.string(),
  token: z.string(),
  role: Role,
  verb: z.string(),
  rollout: z.string().nullable(),
  note: z.string().nullable(),
  /** States before and after, and what else the verb changed. */
  before: z.unknown(),
  after: z.unknown(),
  /** Of the entry before it and this one; null from before it was kept. */
  hash: z.string().nullable(),
});
export type AuditEntry = z.infer<typeof AuditEntry>;

export const AuditQuery = PageQuery.extend({
  /** `desc`: the newest first. */
  order: z.enum(['asc', 'desc']).default('desc'),
  /** Only what was done to this one. */
  rollout: z.string().optional(),
});
export type AuditQuery = z.infer<typeof AuditQuery>;
