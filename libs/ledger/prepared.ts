import type { CompiledQuery, Compilable } from 'kysely';
import type { Queries } from './types.ts';

/** Where a value will stand in a prepared query. */
export type Slot<Values> = <Name extends keyof Values & string>(name: Name) => Values[Name];

/** Runs a prepared query with its values; answers its rows. */
export type PreparedQuery<Values, Row> = (queries: Queries, values: Values) => Promise<Row[]>;

/**
 * A query that is written as every other but built once and not at every call, which costs several times what the
 * statement itself does. For what runs for each host; its slots may stand wherever a value may.
 */
export function prepared<Values, Row>(
  build: (queries: Queries, slot: Slot<Values>) => Compilable<Row>,
): PreparedQuery<Values, Row> {
  let built: { query: CompiledQuery<Row>; names: Names<Values> } | undefined;
  return async (queries, values) => {
    built ??= compile(queries, build);
    const { query, names } = built;
    const parameters = query.parameters.map((constant, at) => {
      const name = names[at];
      return name === undefined ? constant : values[name];
    });
    return (await queries.executeQuery<Row>({ ...query, parameters })).rows;
  };
}

/** Of each parameter, the name of its slot; undefined where it is a constant. */
type Names<Values> = ((keyof Values & string) | undefined)[];

function compile<Values, Row>(
  queries: Queries,
  build: (queries: Queries, slot: Slot<Values>) => Compilable<Row>,
): { query: CompiledQuery<Row>; names: Names<Values> } {
  const slots = new Map<unknown, keyof Values & string>();
  const slot: Slot<Values> = (name) => {
    const mark = { slot: name };
    slots.set(mark, name);
    // It is taken out again before the query runs.
    return mark as never;
  };
  const query = build(queries, slot).compile();
  return { query, names: query.parameters.map((parameter) => slots.get(parameter)) };
}
