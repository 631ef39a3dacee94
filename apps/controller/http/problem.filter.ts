import { type ArgumentsHost, Catch, type ExceptionFilter, Inject } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import type { Conductor, Refusal } from '#conductor';
import type { Known } from './auth.guard.ts';
import { refusalOf } from './refusal.ts';
import { CONDUCTOR, LOG } from './tokens.ts';
import { problemOf } from './problem.ts';
import { sendProblem } from './send-problem.ts';

/** Everything that is thrown leaves as a problem document. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    @Inject(LOG) private readonly log: Logger,
    @Inject(CONDUCTOR) private readonly conductor: Conductor,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const request = host.switchToHttp().getRequest<Known>();
    const { method, url } = request;
    const problem = problemOf(error);
    this.writeDown(refusalOf(request, problem.code));
    if (problem.status === 500) this.log.error({ err: error, method, url }, 'a request failed');
    if (!reply.sent) sendProblem(reply, problem);
  }

  private writeDown(refusal: Refusal | undefined): void {
    if (!refusal) return;
    this.conductor
      .noteRefusal(refusal)
      .catch((fault: unknown) => this.log.error({ err: fault, ...refusal }, 'it was not audited'));
  }
}
