import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { goCommand } from '../go.ts';
import { openChecksums } from '../checksums/index.ts';
import { fetchFromProxies } from './source-proxy.ts';
import { openWorkbench } from '../cache/workbench.ts';

const folder = mkdtempSync(join(tmpdir(), 'source-proxy-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A proxy that has it under /good, says 403 under /closed, and 404 elsewhere. */
let server: Server;
let origin: string;
let asked: string[];
beforeAll(async () => {
  server = createServer(({ url = '' }, response) => {
    asked.push(url.split('/')[1] ?? '');
    response.statusCode = url.startsWith('/good/') ? 200 : url.startsWith('/closed/') ? 403 : 404;
    response.end('it');
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => void server.close(resolve)));
beforeEach(() => (asked = []));

const NAME = 'example.com/m/@v/v1.0.0.zip';

async function fetchFrom(GOPROXY: string): Promise<string> {
  await using bench = await openWorkbench(mkdtempSync(join(folder, 'cache-')));
  const env = { GOPROXY: GOPROXY.replaceAll('@', `${origin}/`), GOSUMDB: 'off' };
  const go = goCommand('no-such-go', env);
  const more = { dlUrl: origin, progress: () => {}, signal: undefined };
  const build = { go, env, bench, ...more };
  const checksums = await openChecksums(build);
  return await fetchFromProxies(NAME, join(folder, 'kept', 'it'), { ...build, checksums });
}

beforeEach(() => {
  rmSync(join(folder, 'kept'), { recursive: true, force: true });
  mkdirSync(join(folder, 'kept'));
});

it.each([
  ['@good', ['good']],
  ['@none,@good', ['none', 'good']],
  ['direct,@good/', ['good']],
  ['@closed|@good', ['closed', 'good']],
])('asks %s as go would', async (list, order) => {
  expect(await fetchFrom(list)).toBe(join(folder, 'kept/it'));
  expect(asked).toEqual(order);
});

it.each([
  ['@closed,@good', /is not given out: status 403/, ['closed']],
  ['@none,off,@good', /GOPROXY is off before one has/, ['none']],
  ['@none', /no module proxy has/, ['none']],
  ['ftp://somewhere', /which is no URL/, []],
])('ends with %s as go would', async (list, message, order) => {
  await expect(fetchFrom(list)).rejects.toThrow(message);
  expect(asked).toEqual(order);
});

it('takes a file of a folder where it lies', async () => {
  const tree = mkdtempSync(join(folder, 'tree-'));
  mkdirSync(join(tree, 'example.com/m/@v'), { recursive: true });
  writeFileSync(join(tree, NAME), 'it');
  expect(await fetchFrom(`file://${tree},@good`)).toBe(join(tree, NAME));
  expect(asked).toEqual([]);
});
