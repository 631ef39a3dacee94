import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { json, serve, type Asked, type Reply } from '../../../test/cli/serve.ts';
import { openClient } from '../client/client.ts';
import { openReceiver, slices } from './receiver.ts';

const BYTES = Buffer.alloc(20, 'gofleet');
const BLOB = {
  sha256: createHash('sha256').update(BYTES).digest('hex'),
  size: BYTES.length,
  path: '',
};

function receiverOf(url: string) {
  return openReceiver(
    openClient(() => Promise.resolve({ url, token: undefined })),
    { pause: 5, slice: 8 },
  );
}

/** A controller that keeps a blob as text, told of every PATCH first. */
function store(patched: (at: number, response: Parameters<Reply>[1]) => boolean): Reply {
  let kept = 0;
  return ({ method, headers, body }: Asked, response) => {
    if (method === 'HEAD') {
      response.writeHead(200, { 'upload-offset': String(kept) }).end();
      return;
    }
    const at = Number(headers['upload-offset']);
    if (!patched(at, response)) return;
    if (at !== kept)
      return json(response, 409, { code: 'upload_offset', detail: 'elsewhere', offset: kept });
    kept += body.length;
    response.writeHead(204, { 'upload-offset': String(kept) }).end();
  };
}

describe('openReceiver', () => {
  it('names the blobs that are missing, and none once all are there', async () => {
    let answer: [number, unknown] = [
      409,
      { code: 'blobs_missing', detail: 'some', missing: [{ sha256: 'ab', size: 1 }] },
    ];
    const server = await serve((_, response) => json(response, ...answer));
    const receiver = receiverOf(server.url);
    expect(await receiver.announce('{}', null)).toEqual({ missing: ['ab'] });
    answer = [201, {}];
    expect(await receiver.announce('{}', null)).toEqual({ missing: [] });
    expect(server.asked[0]?.body).toBe('{"manifest":"{}","signature":null}');
  });

  it('waits for a controller that goes away after it has answered, and for none before', async () => {
    let [asked, down] = [0, true];
    const server = await serve((_, response) => {
      asked += 1;
      if (down && asked !== 2) return response.destroy();
      return json(response, 201, {});
    });
    const receiver = receiverOf(server.url);
    await expect(receiver.announce('{}', null)).rejects.toMatchObject({ code: 'unavailable' });
    expect(asked).toBe(1);
    await receiver.announce('{}', null);
    setTimeout(() => (down = false), 20);
    await receiver.announce('{}', null);
    expect(asked).toBeGreaterThan(3);
  });

  it('reads a blob on from a byte, and tells a cut as one of an upload', async () => {
    const ranges: unknown[] = [];
    const server = await serve(({ headers }, response) => {
      ranges.push(headers['range']);
      response.writeHead(206, { 'content-length': '20' }).write(BYTES.subarray(0, 9));
      setTimeout(() => response.destroy(), 20);
    });
    const read = buffer(Readable.from(receiverOf(server.url).read(BLOB.sha256, 11)));
    await expect(read).rejects.toMatchObject({ code: 'upload_offset' });
    expect(ranges).toEqual(['bytes=11-']);
  });

  it('sends a blob in slices, each at the offset where the last one ended', async () => {
    const offsets: number[] = [];
    const server = await serve(store((at) => offsets.push(at) > 0));
    const bytes = [...BYTES].map((byte) => Buffer.from([byte]));
    expect(await receiverOf(server.url).send(BLOB, 0, Readable.from(bytes))).toBe(BLOB.size);
    expect(offsets).toEqual([0, 8, 16]);
  });

  it('asks to go on elsewhere when the connection is cut', async () => {
    const server = await serve(
      store((at, response) => {
        if (at === 0) return true;
        response.destroy();
        return false;
      }),
    );
    const receiver = receiverOf(server.url);
    const half = 8;
    const chunks = [BYTES.subarray(0, half), BYTES.subarray(half)];
    await expect(receiver.send(BLOB, 0, Readable.from(chunks))).rejects.toMatchObject({
      code: 'upload_offset',
    });
    expect(await receiver.offset(BLOB.sha256)).toBe(half);
  });

  it('does not hide that the bytes are wrong', async () => {
    const server = await serve((_, response) =>
      json(response, 422, { code: 'blob_mismatch', detail: 'not what its name says' }),
    );
    const sent = receiverOf(server.url).send(BLOB, 0, Readable.from([BYTES]));
    await expect(sent).rejects.toMatchObject({ code: 'blob_mismatch' });
  });

  it('waits for a controller that is started again', async () => {
    let asked = 0;
    const server = await serve((_, response) => {
      asked += 1;
      if (asked < 4) json(response, 503, { code: 'unavailable', detail: 'starting' });
      else response.writeHead(200, { 'upload-offset': '5' }).end();
    });
    expect(await receiverOf(server.url).offset('ab')).toBe(5);
  });
});

describe('slices', () => {
  it.each([
    [[], [0]],
    [[3], [3]],
    [[4, 4], [8]],
    [
      [7, 1, 1],
      [8, 1],
    ],
    [[20], [20]],
  ])('%j bytes become slices of %j', async (chunks, expected) => {
    const found: number[] = [];
    const source = Readable.from(chunks.map((size) => Buffer.alloc(size)));
    for await (const slice of slices(source, 8)) found.push(slice.length);
    expect(found).toEqual(expected);
  });
});
