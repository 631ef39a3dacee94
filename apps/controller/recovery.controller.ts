import { Controller, Inject, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Readable } from 'node:stream';
import { type Actor, type Recovery, RecoveryBody, type Restore, RestoreQuery } from '#api';
import type { Conductor } from '#conductor';
import { GofleetError } from '#errors';
import { On } from './http/on.ts';
import { Body, By, Bytes, Search } from './http/parameters.ts';
import { CONDUCTOR } from './http/tokens.ts';

@Controller()
export class RecoveryController {
  constructor(@Inject(CONDUCTOR) private readonly conductor: Conductor) {}

  @On('GET /v1/backup')
  async backUp(@By() by: Actor, @Res() reply: FastifyReply): Promise<void> {
    const { name, size, bytes } = await this.conductor.backUp(by);
    reply.headers({
      'content-type': 'application/vnd.sqlite3',
      'content-length': size,
      'content-disposition': `attachment; filename="${name}"`,
    });
    await reply.send(Readable.from(bytes, { objectMode: false }));
  }

  @On('POST /v1/restore')
  restore(
    @By() by: Actor,
    @Bytes() bytes: AsyncIterable<Uint8Array>,
    @Search(RestoreQuery) { otherFleet }: RestoreQuery,
  ): Promise<Restore> {
    return this.conductor.restore(by, bytes, { otherFleet: otherFleet === 'true' });
  }

  @On('GET /v1/restore')
  async latest(): Promise<Restore> {
    const found = await this.conductor.latestRestore();
    if (found) return found;
    throw new GofleetError('not_found', 'this ledger never took the place of another one', {
      remedy: 'Nothing: gofleet restore puts one in its place.',
    });
  }

  @On('POST /v1/recoveries')
  recover(@By() by: Actor, @Body(RecoveryBody) body: RecoveryBody): Promise<Recovery> {
    return this.conductor.recover(by, body);
  }

  @On('GET /v1/recoveries/:id')
  one(@Param('id') id: string): Promise<Recovery> {
    return this.conductor.getRecovery(id);
  }
}
