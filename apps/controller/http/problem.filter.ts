import { type ArgumentsHost, Catch, type ExceptionFilter, Inject } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { LOG } from './tokens.ts';
import { problemOf } from './problem.ts';
import { sendProblem } from './send-problem.ts';

/** Everything that is thrown leaves as a problem document. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(LOG) private readonly log: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const { method, url } = host.switchToHttp().getRequest<FastifyRequest>();
    const problem = problemOf(error);
    if (problem.status === 500) this.log.error({ err: error, method, url }, 'a request failed');
    if (!reply.sent) sendProblem(reply, problem);
  }
}
