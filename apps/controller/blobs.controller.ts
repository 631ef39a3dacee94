import { Controller, Headers, Inject, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Readable } from 'node:stream';
import type { Actor } from '#api';
import type { Conductor } from '#conductor';
import { On } from './http/on.ts';
import { By, Bytes } from './http/parameters.ts';
import { offsetOf, rangeOf } from './http/ranges.ts';
import { CONDUCTOR } from './http/tokens.ts';

@Controller()
export class BlobsController {
  constructor(@Inject(CONDUCTOR) private readonly conductor: Conductor) {}

  @On('HEAD /v1/blobs/:sha256')
  async head(
    @By() by: Actor,
    @Param('sha256') sha256: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const { offset, size } = await this.conductor.blobStatus(by, sha256);
    reply.headers({ 'upload-offset': offset, 'upload-length': size, 'cache-control': 'no-store' });
  }

  @On('PATCH /v1/blobs/:sha256')
  async append(
    @By() by: Actor,
    @Param('sha256') sha256: string,
    @Bytes() bytes: AsyncIterable<Uint8Array>,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Headers('upload-offset') at?: string,
  ): Promise<void> {
    const offset = await this.conductor.appendBlob(by, sha256, offsetOf(at), bytes);
    reply.header('upload-offset', offset);
  }

  @On('GET /v1/blobs/:sha256')
  async read(
    @By() by: Actor,
    @Param('sha256') sha256: string,
    @Res() reply: FastifyReply,
    @Headers('range') wanted?: string,
  ): Promise<void> {
    const { size } = await this.conductor.blobStatus(by, sha256);
    const range = rangeOf(wanted, size);
    const bytes = await this.conductor.readBlob(by, sha256, range);
    reply.headers({ 'content-type': 'application/octet-stream', 'accept-ranges': 'bytes' });
    reply.headers({
      etag: `"${sha256}"`,
      'content-length': range ? range.end - range.start + 1 : size,
    });
    if (range)
      reply.status(206).header('content-range', `bytes ${range.start}-${range.end}/${size}`);
    await reply.send(Readable.from(bytes, { objectMode: false }));
  }
}
