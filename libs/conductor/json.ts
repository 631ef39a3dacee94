/** Columns that hold JSON, or nothing. */
export function toJson(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value);
}

/** The caller names the type that was written. */
export function fromJson<T>(text: string | null): T | undefined {
  return text === null ? undefined : (JSON.parse(text) as T);
}

/** Instants leave as RFC 3339. */
export function toTime(instant: number): string {
  return new Date(instant).toISOString();
}

export function toTimeOrNull(instant: number | null): string | null {
  return instant === null ? null : toTime(instant);
}
