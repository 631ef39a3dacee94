import { sql } from 'kysely';

/**
 * The `purpose` of a reading, written into the statement: as a bound value it would make SQLite plan the statement anew
 * each time, to see whether the index of readings serves.
 */
export const READING = sql.lit('reading');
