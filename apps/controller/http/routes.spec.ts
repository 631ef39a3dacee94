import { expect, it } from 'vitest';
import { ROUTES } from './routes.ts';

it('has every address once', () => {
  const places = ROUTES.map(({ method, path }) => `${method} ${path}`);
  expect(new Set(places).size).toBe(places.length);
});

it('opens nothing that changes something', () => {
  const open = ROUTES.filter(({ roles }) => roles === undefined);
  expect(open.map(({ method }) => method)).toEqual(['GET', 'GET', 'GET']);
});

it('lets workers use their own routes and blobs, and nothing else', () => {
  const workers = ROUTES.filter(({ roles }) => roles?.includes('worker'));
  expect(workers.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'HEAD /v1/blobs/:sha256',
    'GET /v1/blobs/:sha256',
    'GET /v1/worker/hello',
    'POST /v1/worker/claims',
    'POST /v1/worker/reports',
    'GET /v1/worker/bundles/:digest',
  ]);
});

it('lets a viewer read and change nothing', () => {
  const viewers = ROUTES.filter(({ roles }) => roles?.includes('viewer'));
  expect(new Set(viewers.map(({ method }) => method))).toEqual(new Set(['GET', 'HEAD']));
});
