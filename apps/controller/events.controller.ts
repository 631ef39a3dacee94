import { Controller, Headers, Inject, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Conductor } from '#conductor';
import { On } from './http/on.ts';
import { Search } from './http/parameters.ts';
import { EventsQuery } from './http/queries.ts';
import { streamEvents } from './http/stream-events.ts';
import { CONDUCTOR, STOPPING } from './http/tokens.ts';

@Controller()
export class EventsController {
  constructor(
    @Inject(CONDUCTOR) private readonly conductor: Conductor,
    @Inject(STOPPING) private readonly stopping: AbortSignal,
  ) {}

  @On('GET /v1/rollouts/:id/events')
  async events(
    @Param('id') id: string,
    @Search(EventsQuery) { format, after }: EventsQuery,
    @Res() reply: FastifyReply,
    @Headers('last-event-id') last?: string,
  ): Promise<void> {
    await this.conductor.getRollout(id);
    const from = Number(last ?? after ?? 0) || 0;
    await streamEvents(reply, format, this.stopping, (signal) =>
      this.conductor.followEvents(id, from, signal),
    );
  }
}
