import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { blobPath, digestOf, writeManifest } from '#bundle';
import { startStack, type Answer, type Stack } from '../stack/index.ts';

interface Refusal {
  code: string;
  offset?: number;
  missing?: { sha256: string; size: number }[];
}

const bytes = Buffer.from('a toolchain, or so it says\n'.repeat(1000));
const sha256 = createHash('sha256').update(bytes).digest('hex');
const manifest = writeManifest({
  schema: 1,
  name: 'rest-blobs',
  toolchains: [
    {
      version: '1.21.5',
      os: 'linux',
      arch: 'amd64',
      blob: sha256,
      size: bytes.length,
      unpackedBytes: 1,
      entries: 1,
      tree: '0'.repeat(64),
      versionText: 'go1.21.5',
      source: 'dl',
      verified: 'none',
      h1: null,
    },
  ],
  packs: [],
  releases: [],
  tools: [],
  blobs: [{ sha256, size: bytes.length, path: blobPath(sha256) }],
  rehearsal: null,
});
const path = `/v1/blobs/${sha256}`;

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack[Symbol.asyncDispose]());

function append(offset: number, body: Buffer): Promise<Answer<Refusal>> {
  return stack.api.send('PATCH', path, {
    body: new Uint8Array(body),
    headers: { 'content-type': 'application/offset+octet-stream', 'Upload-Offset': `${offset}` },
  });
}

function offer(): Promise<Answer<Refusal>> {
  return stack.api.post('/v1/bundles', { manifest, signature: null });
}

it('knows no blob that no manifest names', async () => {
  expect((await stack.api.send('HEAD', path)).status).toBe(404);
  expect((await append(0, bytes)).status).toBe(404);
});

it('answers a manifest with the list of what is missing', async () => {
  const answer = await offer();
  expect(answer.status).toBe(409);
  expect(answer.body).toMatchObject({
    code: 'blobs_missing',
    missing: [{ sha256, size: bytes.length }],
  });
});

it('takes a blob in pieces and says where it goes on', async () => {
  expect((await stack.api.send('HEAD', path)).headers.get('upload-offset')).toBe('0');
  const first = await append(0, bytes.subarray(0, 1000));
  expect(first.status).toBe(204);
  expect(first.headers.get('upload-offset')).toBe('1000');
  for (const wrong of [0, 999, 1001]) {
    const refused = await append(wrong, bytes.subarray(wrong));
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({ code: 'upload_offset', offset: 1000 });
    expect(refused.headers.get('upload-offset')).toBe('1000');
  }
  expect((await stack.api.send('HEAD', path)).headers.get('upload-offset')).toBe('1000');
});

it('begins again where the bytes turn out to be others', async () => {
  const refused = await append(1000, Buffer.alloc(bytes.length - 1000, 'x'));
  expect(refused.status).toBe(422);
  expect(refused.body).toMatchObject({ code: 'blob_mismatch', offset: 0 });
  expect((await stack.api.send('HEAD', path)).headers.get('upload-offset')).toBe('0');
});

it('has a complete blob for good, and the bundle then', async () => {
  expect((await append(0, bytes)).headers.get('upload-offset')).toBe(`${bytes.length}`);
  const imported = await offer();
  expect(imported.status).toBe(201);
  expect(imported.headers.get('location')).toBe(`/v1/bundles/${digestOf(manifest)}`);
  expect((await offer()).status).toBe(201);
  expect((await stack.api.get('/v1/bundles/rest-blobs')).body).toMatchObject({
    name: 'rest-blobs',
    digest: digestOf(manifest),
  });
});

it.each([
  ['bytes=0-9', 206, bytes.subarray(0, 10)],
  ['bytes=5-', 206, bytes.subarray(5)],
  ['bytes=-7', 206, bytes.subarray(-7)],
  ['bytes=0-99999999', 206, bytes],
  ['lines=1-2', 200, bytes],
])('gives %s', async (range, status, wanted) => {
  const headers = { authorization: `Bearer ${stack.api.token}`, range };
  const answer = await fetch(stack.api.url + path, { headers });
  expect(answer.status).toBe(status);
  expect(Buffer.from(await answer.arrayBuffer()).equals(wanted)).toBe(true);
});

it('gives no range outside of it', async () => {
  const answer = await stack.api.send('GET', path, {
    headers: { range: `bytes=${bytes.length}-` },
  });
  expect(answer.status).toBe(416);
});
