import { applyDecorators, HttpCode, RequestMapping, RequestMethod } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { VERBS } from '#api';
import type { Method, Route } from './route.ts';
import { ROUTES } from './routes.ts';

const BY_PLACE = new Map(ROUTES.map((row) => [`${row.method} ${row.path}`, row]));

/** Binds a method of a controller to a row of the table: `@On('GET /v1/rollouts/:id')`. */
export function On(place: string): MethodDecorator {
  const row = BY_PLACE.get(place);
  if (!row) throw new Error(`${place} is not in the table of routes`);
  return mapping(row.method, row.path, row.status);
}

/** The verbs of a rollout: one method for all. */
export function OnVerbs(): MethodDecorator {
  return mapping(
    'POST',
    VERBS.map((verb) => `/v1/rollouts/:id/${verb}`),
    202,
  );
}

/** All rows of a method that are of a later release. */
export function OnLater(method: Method): MethodDecorator {
  const rows = ROUTES.filter((row) => row.later && row.method === method);
  return mapping(
    method,
    rows.map((row) => row.path),
    501,
  );
}

/** The row of a request; undefined where no route matched. */
export function routeOf(request: FastifyRequest): Route | undefined {
  return BY_PLACE.get(`${request.method} ${request.routeOptions.url ?? ''}`);
}

function mapping(method: Method, path: string | string[], status: number): MethodDecorator {
  return applyDecorators(RequestMapping({ path, method: RequestMethod[method] }), HttpCode(status));
}
