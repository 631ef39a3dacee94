import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { type Actor, VERB_BODIES, VERBS } from '#api';
import { checkValue, parseDocument } from '#document';
import { GofleetError, isGofleetError } from '#errors';
import type { z } from 'zod';
import type { Known } from './auth.guard.ts';
import type { TextBody } from './bodies.ts';

/** Nest takes a schema for a pipe, as it has a `transform`: a function that reads the request is what it is. */
const read = createParamDecorator(
  (reader: (request: Known) => unknown, context: ExecutionContext) =>
    reader(context.switchToHttp().getRequest<Known>()),
);

/** Who asks. Only where the route has roles. */
export const By = (): ParameterDecorator => read(actorOf);

/** The body, checked against a schema; faults have path and line. No body counts as `{}`. */
export const Body = (schema: z.ZodType): ParameterDecorator =>
  read((request) => checkedBody(schema, request));

/** The verb that the address ends with, and its body, checked. */
export const VerbOf = (): ParameterDecorator => read(verbOf);

/** The body as it was sent. */
export const PlanText = (): ParameterDecorator => read(textOf);

/** The bytes of the body as they come. */
export const Bytes = (): ParameterDecorator => read(({ body }) => body ?? []);

/** The query, checked; a parameter that nobody knows is an error and not ignored. */
export const Search = (schema: z.ZodObject): ParameterDecorator =>
  read(({ query }) => asked(query, schema.strict(), 'query'));

/** The named parts of the path, checked. */
export const Path = (schema: z.ZodType): ParameterDecorator =>
  read(({ params }) => asked(params, schema, 'path'));

function actorOf({ actor }: Known): Actor {
  if (!actor) throw new Error('a route without roles has no actor');
  return actor;
}

function verbOf(request: Known): unknown {
  const kind = VERBS.find((verb) => request.route?.path.endsWith(`/${verb}`));
  if (!kind) throw new Error('this route has no verb');
  return { kind, ...checkedBody<object>(VERB_BODIES[kind], request) };
}

function checkedBody<T>(schema: z.ZodType<T>, request: Known): T {
  const { text, format } = textOf(request);
  const mostBytes = format === 'json' ? request.route?.mostBytes : undefined;
  const options = { name: 'body', format, mostBytes };
  return parseDocument(text.trim() === '' ? '{}' : text, schema, options);
}

function asked(value: unknown, schema: z.ZodType, name: string): unknown {
  try {
    return checkValue(Object.assign({}, value), schema, { name });
  } catch (error) {
    if (!isGofleetError(error, 'invalid_file')) throw error;
    throw new GofleetError('invalid_request', error.message, {
      remedy: 'Compare the address with /v1/openapi.json.',
      errors: error.errors,
    });
  }
}

function textOf({ body }: Known): TextBody {
  return isText(body) ? body : { text: '', format: 'json' };
}

function isText(body: unknown): body is TextBody {
  return typeof body === 'object' && body !== null && 'text' in body && 'format' in body;
}
