import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { type Actor, VERB_BODIES, VERBS } from '#api';
import { checkValue, parseDocument } from '#document';
import { GofleetError, isGofleetError } from '#errors';
import type { z } from 'zod';
import type { Known } from './auth.guard.ts';
import type { TextBody } from './bodies.ts';

/** Who asks. Only where the route has roles. */
export const By = createParamDecorator((_: undefined, context: ExecutionContext): Actor => {
  const { actor } = context.switchToHttp().getRequest<Known>();
  if (!actor) throw new Error('a route without roles has no actor');
  return actor;
});

/** The body, checked against a schema; faults have path and line. No body counts as `{}`. */
export const Body = createParamDecorator((schema: z.ZodType, context: ExecutionContext) =>
  checkedBody(schema, context),
);

/** The verb that the address ends with, and its body, checked. */
export const VerbOf = createParamDecorator((_: undefined, context: ExecutionContext): unknown => {
  const { route } = context.switchToHttp().getRequest<Known>();
  const kind = VERBS.find((verb) => route?.path.endsWith(`/${verb}`));
  if (!kind) throw new Error('this route has no verb');
  return { kind, ...checkedBody(VERB_BODIES[kind], context) };
});

/** The body as it was sent. */
export const PlanText = createParamDecorator((_: undefined, context: ExecutionContext) =>
  textOf(context),
);

/** The bytes of the body as they come. */
export const Bytes = createParamDecorator((_: undefined, context: ExecutionContext) => {
  const { body } = context.switchToHttp().getRequest<Known>();
  return body ?? [];
});

/** The query, checked; a parameter that nobody knows is an error and not ignored. */
export const Search = createParamDecorator((schema: z.ZodObject, context: ExecutionContext) =>
  asked(context.switchToHttp().getRequest<Known>().query, schema.strict(), 'query'),
);

/** The named parts of the path, checked. */
export const Path = createParamDecorator((schema: z.ZodType, context: ExecutionContext) =>
  asked(context.switchToHttp().getRequest<Known>().params, schema, 'path'),
);

function checkedBody<T>(schema: z.ZodType<T>, context: ExecutionContext): T {
  const { text, format } = textOf(context);
  return parseDocument(text.trim() === '' ? '{}' : text, schema, { name: 'body', format });
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

function textOf(context: ExecutionContext): TextBody {
  const body: unknown = context.switchToHttp().getRequest<Known>().body;
  return isText(body) ? body : { text: '', format: 'json' };
}

function isText(body: unknown): body is TextBody {
  return typeof body === 'object' && body !== null && 'text' in body && 'format' in body;
}
