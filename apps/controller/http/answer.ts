import type { Answer, Tagged } from '#conductor';
import type { Route } from './route.ts';

/** What a controller returned, as the route says it leaves: status, ETag, Location, JSON. */
export function answerOf(route: Route, value: unknown): Answer {
  const { value: bare, etag } = isTagged(value) ? value : { value, etag: undefined };
  const fields: Record<string, unknown> = Object.assign({}, bare);
  const location = route.location?.(fields);
  return {
    status: route.otherwise?.when(fields) ? route.otherwise.status : route.status,
    headers: {
      ...(route.answer && { 'content-type': 'application/json; charset=utf-8' }),
      ...(etag !== undefined && { etag }),
      ...(location !== undefined && { location }),
    },
    body: route.answer ? JSON.stringify(bare) : '',
  };
}

function isTagged(value: unknown): value is Tagged<unknown> {
  return typeof value === 'object' && value !== null && 'etag' in value && 'value' in value;
}
