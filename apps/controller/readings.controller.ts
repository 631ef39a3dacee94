import { Controller, Inject, Param } from '@nestjs/common';
import { type Actor, PageQuery, type Reading, ReadingBody } from '#api';
import type { Conductor } from '#conductor';
import { On } from './http/on.ts';
import { Body, By, Search } from './http/parameters.ts';
import { CONDUCTOR } from './http/tokens.ts';

@Controller()
export class ReadingsController {
  constructor(@Inject(CONDUCTOR) private readonly conductor: Conductor) {}

  @On('POST /v1/readings')
  begin(@By() by: Actor, @Body(ReadingBody) body: ReadingBody): Promise<Reading> {
    return this.conductor.readHosts(by, body);
  }

  @On('GET /v1/readings/:id')
  one(@Param('id') id: string, @Search(PageQuery) page: PageQuery): Promise<Reading> {
    return this.conductor.getReading(id, page);
  }
}
