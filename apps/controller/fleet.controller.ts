import { Controller, Inject, Param } from '@nestjs/common';
import { type Actor, AdoptBody, type FleetHost, type Page, PageQuery } from '#api';
import type { Conductor } from '#conductor';
import { On } from './http/on.ts';
import { Body, By, Search } from './http/parameters.ts';
import { CONDUCTOR } from './http/tokens.ts';

@Controller()
export class FleetController {
  constructor(@Inject(CONDUCTOR) private readonly conductor: Conductor) {}

  @On('GET /v1/fleet')
  list(@Search(PageQuery) page: PageQuery): Promise<Page<FleetHost>> {
    return this.conductor.listFleet(page);
  }

  @On('GET /v1/fleet/:host')
  async one(@Param('host') host: string): Promise<Page<FleetHost>> {
    return { items: await this.conductor.getFleetHost(host), nextCursor: null };
  }

  @On('POST /v1/fleet/adopt')
  adopt(@By() by: Actor, @Body(AdoptBody) body: AdoptBody): Promise<{ hosts: string[] }> {
    return this.conductor.adopt(by, body);
  }
}
