import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startStack, type Stack } from '../stack/index.ts';

interface Operation {
  operationId: string;
  responses: Record<string | number, { content: Record<string, { schema: object }> }>;
}

interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
}

const JSON_TYPE = 'application/json';

let stack: Stack;
let document: Document;
beforeAll(async () => {
  stack = await startStack();
  document = (await stack.api.get<Document>('/v1/openapi.json')).body;
});
afterAll(() => stack[Symbol.asyncDispose]());

it('is OpenAPI 3.1 with the routes of the contract', () => {
  expect(document.openapi).toMatch(/^3\.1\./);
  expect(Object.keys(document.paths)).toEqual(
    expect.arrayContaining([
      '/healthz',
      '/v1/rollouts',
      '/v1/rollouts/{id}',
      '/v1/rollouts/{id}/hosts/{name}/log',
      '/v1/rollouts/{id}/events',
      '/v1/rollouts/{id}/rollback',
      '/v1/bundles',
      '/v1/blobs/{sha256}',
      '/v1/worker/claims',
    ]),
  );
});

it('names every operation once, with an answer each', () => {
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
  const ids = operations.map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { responses } of operations) expect(Object.keys(responses)).toContain('default');
});

it('has schemas that can be used, and references that lead somewhere', () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: 'document', ...document });
  const schemas = schemasIn(document);
  expect(schemas.length).toBeGreaterThan(40);
  for (const schema of schemas) expect(() => ajv.compile(withBase(schema))).not.toThrow();
});

it('describes what is answered', async () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const schema = document.paths['/v1/tokens']?.['get']?.responses[200]?.content[JSON_TYPE]?.schema;
  ajv.addSchema({ $id: 'document', ...document });
  const fits = ajv.compile(withBase(schema ?? {}));
  expect(fits((await stack.api.get('/v1/tokens')).body)).toBe(true);
  expect(fits({ items: [{ id: 3 }], nextCursor: null })).toBe(false);
});

/** References of the document are relative to it. */
function withBase(schema: object): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"document#/')) as object;
}

function schemasIn(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]: [string, unknown]) =>
    key === 'schema' && typeof each === 'object' && each !== null ? [each] : schemasIn(each),
  );
}
