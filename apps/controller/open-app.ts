import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppModule, type AppDeps } from './app.module.ts';
import { readBodies } from './http/bodies.ts';
import { problemOf } from './http/problem.ts';
import { sendProblem } from './http/send-problem.ts';
import { nestLog } from './nest-log.ts';

/** Names of hosts may be long, and encoded they are longer. */
const LONGEST_PARAMETER = 1000;
/** Longer than clients keep an idle connection, so that they are never surprised by its end. */
const KEEP_ALIVE = 65_000;

/** The REST interface over the use cases; it does not listen yet. */
export async function openApp(deps: AppDeps): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    logger: false,
    exposeHeadRoutes: false,
    // A worker's upload or a slow reader must not hold up the end.
    forceCloseConnections: true,
    keepAliveTimeout: KEEP_ALIVE,
    // Blobs may take long to arrive.
    requestTimeout: 0,
    // The router refuses these before any of ours is asked.
    frameworkErrors: (error: Error, _request: FastifyRequest, reply: FastifyReply) =>
      sendProblem(reply, problemOf(error)),
    routerOptions: { maxParamLength: LONGEST_PARAMETER },
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.with(deps), adapter, {
    logger: nestLog(deps.log),
    bodyParser: false,
    abortOnError: false,
  });
  readBodies(app.getHttpAdapter().getInstance());
  await app.init();
  return app;
}
