import type { Answer, Tagged } from '#conductor';
import type { Route } from './route.ts';

/** What a controller returned, as the route says it leaves: status, ETag, Location, JSON. */
export function answerOf(route: Route, value: unknown): Answer {
  const { value: bare, etag } = isTagged(value) ? value : { value, etag: undefined };
  return {
    status: route.status,
    headers: {
      ...(route.answer && { 'content-type': 'application/json; charset=utf-8' }),
      ...(etag !== undefined && { etag }),
      ...(route.location && { location: route.location(Object.assign({}, bare)) }),
    },
    body: route.answer ? JSON.stringify(bare) : '',
  };
}

function isTagged(value: unknown): value is Tagged<unknown> {
  return typeof value === 'object' && value !== null && 'etag' in value && 'value' in value;
}
