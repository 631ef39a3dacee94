import { insertRows, type Queries } from '#ledger';

/** Something that happened, told to those who follow. */
export interface NewEvent {
  type:
    'rollout.state' | 'batch.state' | 'host.state' | 'host.step' | 'decision' | 'action' | 'alert';
  rollout: string | null;
  batch?: number | null;
  host?: string | null;
  details: Record<string, unknown>;
}

/** Stores events in the transaction of what they tell of. */
export async function tell(queries: Queries, at: number, ...events: NewEvent[]): Promise<void> {
  const rows = events.map(({ type, rollout, batch, host, details }) => ({
    at,
    type,
    rollout,
    batch: batch ?? null,
    host: host ?? null,
    details: JSON.stringify(details),
  }));
  await insertRows(queries, 'events', rows);
}
