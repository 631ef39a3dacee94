import {
  type CallHandler,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { from, lastValueFrom, map, type Observable } from 'rxjs';
import type { Answer, Conductor } from '#conductor';
import { GofleetError } from '#errors';
import { answerOf } from './answer.ts';
import { type Known, secretOf } from './auth.guard.ts';
import type { TextBody } from './bodies.ts';
import type { Route } from './route.ts';
import { seal, unseal } from './seal.ts';
import { CONDUCTOR } from './tokens.ts';

/** Sends what a controller returned as its route says; with an `Idempotency-Key`, once. */
@Injectable()
export class AnswerInterceptor implements NestInterceptor {
  constructor(@Inject(CONDUCTOR) private readonly conductor: Conductor) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<Known>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const { route } = request;
    if (!route || !answersJson(route)) return next.handle();
    const run = async (): Promise<Answer> =>
      answerOf(route, await lastValueFrom(next.handle(), { defaultValue: undefined }));
    return from(this.answer(request, route, run)).pipe(
      map(({ status, headers, body }) => {
        void reply.status(status).headers(headers);
        return body;
      }),
    );
  }

  private async answer(request: Known, route: Route, run: () => Promise<Answer>): Promise<Answer> {
    const key = request.headers['idempotency-key'];
    const { actor } = request;
    if (key === undefined || request.method !== 'POST' || !actor) return run();
    if (typeof key !== 'string' || key === '' || key.length > 255) throw badKey();
    const repeatable = { by: actor, key, request: fingerprint(request) };
    if (!route.secret) return this.conductor.once(repeatable, run);
    const secret = secretOf(request) ?? '';
    const sealed = await this.conductor.once(repeatable, async () => {
      const answer = await run();
      return { ...answer, body: seal(answer.body, secret) };
    });
    return { ...sealed, body: unseal(sealed.body, secret) };
  }
}

function answersJson(route: Route): boolean {
  if (route.streamed) return false;
  return route.answer !== undefined || (route.status === 204 && route.bodyTypes === undefined);
}

function fingerprint(request: Known): string {
  const body = request.body as Partial<TextBody> | undefined;
  return `${request.method} ${request.url}\n${body?.format ?? ''}\n${body?.text ?? ''}`;
}

function badKey(): GofleetError {
  return new GofleetError('invalid_request', 'the Idempotency-Key must have 1 to 255 characters', {
    remedy: 'Send a new UUID for every action.',
  });
}
