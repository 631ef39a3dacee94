import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { download, downloadFile } from './download.ts';

const BYTES = Buffer.from('all the bytes of a thing that is worth having');
const folder = mkdtempSync(join(tmpdir(), 'download-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What the server does with the next requests; the last one is repeated. Each gets the first byte that is asked for. */
let behave: ((from: number, response: ServerResponse) => void)[];
let asked: number[];
let server: Server;
let url: string;
beforeAll(async () => {
  server = createServer(({ headers, url: path }, response) => {
    if (path === '/elsewhere') return give(0, response);
    const from = Number(/bytes=(\d+)-/.exec(headers.range ?? '')?.[1] ?? 0);
    asked.push(from);
    const [first = give] = behave;
    if (behave.length > 1) behave.shift();
    first(from, response);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  return new Promise((resolve) => void server.close(resolve));
});

function give(from: number, response: ServerResponse): void {
  response.writeHead(from > 0 ? 206 : 200, { 'content-length': BYTES.length - from });
  response.end(BYTES.subarray(from));
}

/** A cut connection in the middle: some bytes arrive. */
function breakOff(from: number, response: ServerResponse): void {
  response.writeHead(from > 0 ? 206 : 200, { 'content-length': BYTES.length - from });
  response.write(BYTES.subarray(from, from + 10));
  setTimeout(() => response.destroy(), 100);
}

function bytesOf(body: AsyncIterable<Uint8Array> | undefined): AsyncIterable<Uint8Array> {
  if (!body) throw new Error('there is nothing');
  return body;
}

const status = (code: number) => (_: number, response: ServerResponse) =>
  void response.writeHead(code).end('words for a person');

let place: string;
beforeEach(() => {
  behave = [give];
  asked = [];
  place = join(mkdtempSync(join(folder, 'to-')), 'file');
});

it('goes on where the connection broke off, as often as it brings something', async () => {
  behave = [...Array<typeof breakOff>(3).fill(breakOff), give];
  expect(await downloadFile(url, place)).toBe(true);
  expect(readFileSync(place)).toEqual(BYTES);
  // what was on its way when the connection broke may be lost with it
  expect(asked).toEqual(asked.toSorted((a, b) => a - b));
  expect(asked.at(-1)).toBeGreaterThan(0);
});

it('goes on where an earlier build was killed, and fetches nothing that is there', async () => {
  writeFileSync(`${place}.part`, BYTES.subarray(0, 7));
  await downloadFile(url, place);
  await downloadFile(url, place);
  expect(readFileSync(place)).toEqual(BYTES);
  expect(asked).toEqual([7]);
});

it('takes what a server sends that knows no ranges', async () => {
  behave = [(_, response) => give(0, response)];
  writeFileSync(`${place}.part`, BYTES.subarray(0, 7));
  await downloadFile(url, place);
  expect(readFileSync(place)).toEqual(BYTES);
});

it('is done where all bytes had come before the kill', async () => {
  behave = [status(416)];
  writeFileSync(`${place}.part`, BYTES);
  expect(await downloadFile(url, place)).toBe(true);
  expect(readFileSync(place)).toEqual(BYTES);
});

it('tries again what may get better', async () => {
  behave = [status(503), give];
  await downloadFile(url, place);
  expect(readFileSync(place)).toEqual(BYTES);
});

it('follows to where it is sent', async () => {
  behave = [(_, response) => void response.writeHead(302, { location: '/elsewhere' }).end()];
  await downloadFile(url, place);
  expect(readFileSync(place)).toEqual(BYTES);
});

it.each([404, 410])('is not there: %d', async (code) => {
  behave = [status(code)];
  writeFileSync(`${place}.part`, 'the beginning of what was there');
  expect(await downloadFile(url, place)).toBe(false);
});

it.each([401, 403, 451])('is not given out, and not asked for again: %d', async (code) => {
  behave = [status(code)];
  const failed = downloadFile(url, place);
  await expect(failed).rejects.toMatchObject({ code: 'source_unavailable', retryable: false });
  await expect(failed).rejects.toThrow(`${url} is not given out: status ${code}`);
  expect(asked).toEqual([0]);
});

it('gives a server up that falls silent, before its answer and within it', async () => {
  behave = [() => {}];
  await expect(download(url, { patience: 50 })).rejects.toThrow(/not a byte for 0\.05 s/);
  behave = [
    (_, response) => void response.writeHead(200, { 'content-length': 100 }).write('a beginning'),
  ];
  const body = await download(url, { patience: 500 });
  const read = buffer(bytesOf(body));
  await expect(read).rejects.toMatchObject({ code: 'source_unavailable', retryable: true });
  await expect(read).rejects.toThrow(/not a byte for 0\.5 s/);
});

it('gives a slow server the time that it needs', async () => {
  behave = [
    (_, response) => {
      response.writeHead(200, { 'content-length': BYTES.length });
      let at = 0;
      const timer = setInterval(() => {
        response.write(BYTES.subarray(at, (at += 9)));
        if (at >= BYTES.length) response.end(() => clearInterval(timer));
      }, 30);
    },
  ];
  const body = await download(url, { patience: 100 });
  expect(await buffer(bytesOf(body))).toEqual(BYTES);
});

it('ends at once when it is asked to', async () => {
  behave = [() => {}];
  const stop = new AbortController();
  const failed = downloadFile(url, place, { signal: stop.signal });
  setTimeout(() => stop.abort(new Error('by a person')), 20);
  await expect(failed).rejects.toThrow('by a person');
});

it('gives a server the credentials of its address, and nobody else', async () => {
  const seen: (string | undefined)[] = [];
  const guarded = createServer(({ headers }, response) => {
    seen.push(headers.authorization);
    response.writeHead(seen.length > 1 ? 403 : 200).end('bytes');
  });
  await new Promise<void>((resolve) => void guarded.listen(0, '127.0.0.1', resolve));
  const { port } = guarded.address() as AddressInfo;
  const address = `http://me%40corp:s%3Acret@127.0.0.1:${port}/x`;
  expect((await buffer(bytesOf(await download(address)))).toString()).toBe('bytes');
  expect(seen).toEqual([`Basic ${Buffer.from('me@corp:s:cret').toString('base64')}`]);
  const refused = download(address);
  await expect(refused).rejects.toThrow(`http://127.0.0.1:${port}/x is not given out`);
  await new Promise((resolve) => void guarded.close(resolve));
});
