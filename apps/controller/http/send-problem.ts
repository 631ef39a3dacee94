import type { FastifyReply } from 'fastify';
import type { Problem } from '#api';

/** Sends a problem document, with the headers that some of them have. */
export function sendProblem(reply: FastifyReply, problem: Problem): void {
  if (problem.status === 401) reply.header('WWW-Authenticate', 'Bearer realm="gofleet"');
  const { offset } = problem;
  if (typeof offset === 'number') reply.header('Upload-Offset', String(offset));
  void reply
    .status(problem.status)
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(problem));
}
