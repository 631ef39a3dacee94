import {
  Approval,
  AuditEntry,
  Batch,
  BundleBody,
  BundleDetail,
  BundleSummary,
  Claim,
  ClaimRequest,
  Counts,
  DecisionRecord,
  EventRecord,
  Explanation,
  FailureGroup,
  FleetHost,
  FleetHostDetail,
  Freeze,
  Hello,
  NewToken,
  Problem,
  Quarantine,
  Reason,
  EvidenceReport,
  ReportAnswer,
  ReportRequest,
  Rollout,
  RolloutHost,
  RolloutHostDetail,
  RolloutSummary,
  Token,
} from '#api';
import { RolloutPlan } from '#rollout';
import { z } from 'zod';
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponsesObject,
} from 'zod-openapi';
import { RELEASE } from '../../process/release.ts';
import type { Route } from './route.ts';
import { ROUTES } from './routes.ts';

/** Written once in the document, by these names. */
const NAMED = {
  Approval,
  AuditEntry,
  Batch,
  BundleBody,
  BundleDetail,
  BundleSummary,
  Claim,
  ClaimRequest,
  Counts,
  DecisionRecord,
  EventRecord,
  Explanation,
  FailureGroup,
  FleetHost,
  Quarantine,
  Freeze,
  FleetHostDetail,
  Hello,
  NewToken,
  Problem,
  Reason,
  EvidenceReport,
  ReportAnswer,
  ReportRequest,
  Rollout,
  RolloutHost,
  RolloutHostDetail,
  RolloutPlan,
  RolloutSummary,
  Token,
};

let made: unknown;

/** OpenAPI 3.1, made once from the table of routes. */
export function openApi(): unknown {
  return (made ??= createDocument(
    {
      openapi: '3.1.0',
      info: {
        title: 'gofleet',
        version: RELEASE,
        description: 'Puts Go on fleets of machines that have no internet.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      security: [{ token: [] }],
      components: {
        schemas: NAMED,
        securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      },
      paths: pathsOf(ROUTES),
    },
    // Durations and sizes are read by functions; the document says what may be written, not how it is read.
    { allowEmptySchema: { prefault: true, pipe: true, transform: true, custom: true } },
  ));
}

function pathsOf(routes: readonly Route[]): ZodOpenApiPathsObject {
  const paths: ZodOpenApiPathsObject = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}').replace('*', '{path}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route, path) };
  }
  return paths;
}

function operationOf(route: Route, path: string): ZodOpenApiOperationObject {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');
  return {
    operationId: `${route.method.toLowerCase()}${path.replace(/[^a-zA-Z0-9]+/g, '_')}`,
    summary: route.summary,
    ...(route.roles ? { description: whoMay(route) } : { security: [] }),
    requestParams: {
      ...(names.length > 0 && { path: textsOf(names) }),
      ...(route.query && { query: route.query }),
      ...(headersOf(route) && { header: headersOf(route) }),
    },
    ...(bodyOf(route) && { requestBody: bodyOf(route) }),
    responses: responsesOf(route),
  };
}

function whoMay({ roles = [], permission }: Route): string {
  const permitted = permission ? ` Or a token with the permission ${permission}.` : '';
  return `Roles: ${roles.join(', ')}.${permitted}`;
}

function textsOf(names: string[]): z.ZodObject {
  return z.object(Object.fromEntries(names.map((name) => [name, z.string()])));
}

function headersOf({ method, path, body, answer }: Route): z.ZodObject | undefined {
  const names = [
    ...(method === 'POST' ? ['Idempotency-Key'] : []),
    ...(body && path.startsWith('/v1/rollouts/') && answer ? ['If-Match'] : []),
    ...(path.endsWith('/events') ? ['Last-Event-ID'] : []),
  ];
  if (method === 'PATCH' && path.startsWith('/v1/blobs'))
    return z.object({ 'Upload-Offset': z.coerce.number().int() });
  if (names.length === 0) return undefined;
  return z.object(Object.fromEntries(names.map((name) => [name, z.string().optional()])));
}

function bodyOf({ body, bodyTypes }: Route): ZodOpenApiOperationObject['requestBody'] {
  const types = bodyTypes ?? (body && ['application/json', 'application/yaml']);
  const schema = body ?? z.string();
  return types && { content: Object.fromEntries(types.map((type) => [type, { schema }])) };
}

function responsesOf(route: Route): ZodOpenApiResponsesObject {
  const { answer, answerTypes = [], status, otherwise, summary } = route;
  const types = Object.fromEntries(answerTypes.map((type) => [type, { schema: z.string() }]));
  const content = { ...types, ...(answer && { 'application/json': { schema: answer } }) };
  const good = { description: summary, ...(Object.keys(content).length > 0 && { content }) };
  return {
    ...(!route.later && { [`${status}` as '200']: good }),
    ...(otherwise && { [`${otherwise.status}` as '202']: good }),
    default: {
      description: 'What went wrong, and what to do about it',
      content: { 'application/problem+json': { schema: Problem } },
    },
  };
}
