import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '#api';
import type { Conductor } from '#conductor';
import { GofleetError } from '#errors';
import { routeOf } from './on.ts';
import type { Route } from './route.ts';
import { CONDUCTOR } from './tokens.ts';

/** What the guard found out about a request. */
export interface Known extends FastifyRequest {
  actor?: Actor;
  route?: Route;
}

/** Bearer tokens against the roles of the route; a route that is not in the table is for nobody. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(@Inject(CONDUCTOR) private readonly conductor: Conductor) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Known>();
    const route = routeOf(request);
    if (!route) throw forbidden('this route is for nobody');
    request.route = route;
    if (route.roles === undefined) return true;
    const secret = secretOf(request);
    const actor = secret && (await this.conductor.authenticate(secret));
    if (!actor) throw unauthorized(secret !== undefined);
    request.actor = actor;
    if (!mayUse(actor, route)) throw tooSmall(actor, route);
    return true;
  }
}

function mayUse({ role, permissions = [] }: Actor, { roles, permission }: Route): boolean {
  const permitted = permission !== undefined && permissions.includes(permission);
  return permitted || (roles ?? []).includes(role);
}

/** The secret of `Authorization: Bearer …`. */
export function secretOf(request: FastifyRequest): string | undefined {
  return /^bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
}

function unauthorized(given: boolean): GofleetError {
  const message = given ? 'the token is not known' : 'a token is needed';
  return new GofleetError('unauthorized', message, {
    remedy: 'Send `Authorization: Bearer TOKEN`; an admin makes one with `gofleet token create`.',
  });
}

function tooSmall(actor: Actor, { roles = [], permission }: Route): GofleetError {
  const takes = [...roles, ...(permission ? [`the permission ${permission}`] : [])].join(' or ');
  const message = `the token ${actor.name} is of the role ${actor.role}, and this takes ${takes}`;
  return forbidden(message);
}

function forbidden(message: string): GofleetError {
  return new GofleetError('forbidden', message, {
    remedy: 'Ask an admin for a token that may: `gofleet token create --role ROLE`.',
  });
}
