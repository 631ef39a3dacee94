import { PageQuery } from '#api';
import { HOST_STATES, ROLLOUT_STATES } from '#rollout';
import { z } from 'zod';

export const RolloutsQuery = PageQuery.extend({
  state: z.enum(ROLLOUT_STATES).optional(),
  /** `key=value`, or `key` alone. */
  label: z.string().optional(),
});
export type RolloutsQuery = z.infer<typeof RolloutsQuery>;

export const NewRolloutQuery = z.object({
  /** A pattern that narrows `targets`. */
  limit: z.string().min(1).optional(),
});
export type NewRolloutQuery = z.infer<typeof NewRolloutQuery>;

export const PreviewQuery = NewRolloutQuery.extend({
  /** `known`: from what is known of the hosts; `live`: every one of them is read, which takes a while. */
  facts: z.enum(['known', 'live']).default('known'),
});
export type PreviewQuery = z.infer<typeof PreviewQuery>;

export const HostsQuery = PageQuery.extend({
  state: z.enum(HOST_STATES).optional(),
  batch: z.coerce.number().int().min(1).optional(),
  signature: z.string().optional(),
});
export type HostsQuery = z.infer<typeof HostsQuery>;

export const EventsQuery = z.object({
  format: z.enum(['sse', 'ndjson']).default('sse'),
  /** Where the header `Last-Event-ID` cannot be sent. */
  after: z.coerce.number().int().min(0).optional(),
});
export type EventsQuery = z.infer<typeof EventsQuery>;

export const FleetQuery = PageQuery.extend({
  quarantined: z.stringbool().optional(),
});
export type FleetQuery = z.infer<typeof FleetQuery>;

export const ReportQuery = z.object({
  /** Absent: as the header `Accept` says, else JSON. */
  format: z.enum(['json', 'html']).optional(),
});
export type ReportQuery = z.infer<typeof ReportQuery>;

export const BatchNumber = z.object({ number: z.coerce.number().int().min(1) });
