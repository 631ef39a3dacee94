import { Controller, Inject, Param } from '@nestjs/common';
import {
  type Actor,
  AdoptBody,
  type FleetHost,
  type FleetHostDetail,
  type Page,
  type Quarantine,
  QuarantineBody,
} from '#api';
import type { Conductor } from '#conductor';
import { On } from './http/on.ts';
import { Body, By, Search } from './http/parameters.ts';
import { FleetQuery } from './http/queries.ts';
import { CONDUCTOR } from './http/tokens.ts';

@Controller()
export class FleetController {
  constructor(@Inject(CONDUCTOR) private readonly conductor: Conductor) {}

  @On('GET /v1/fleet')
  list(@Search(FleetQuery) query: FleetQuery): Promise<Page<FleetHost>> {
    return this.conductor.listFleet(query);
  }

  @On('GET /v1/fleet/:host')
  async one(@Param('host') host: string): Promise<Page<FleetHostDetail>> {
    return { items: await this.conductor.getFleetHost(host), nextCursor: null };
  }

  @On('POST /v1/fleet/:host/quarantine')
  quarantine(
    @By() by: Actor,
    @Param('host') host: string,
    @Body(QuarantineBody) body: QuarantineBody,
  ): Promise<Quarantine> {
    return this.conductor.quarantine(by, host, body);
  }

  @On('DELETE /v1/fleet/:host/quarantine')
  release(@By() by: Actor, @Param('host') host: string): Promise<void> {
    return this.conductor.release(by, host);
  }

  @On('POST /v1/fleet/adopt')
  adopt(@By() by: Actor, @Body(AdoptBody) body: AdoptBody): Promise<{ hosts: string[] }> {
    return this.conductor.adopt(by, body);
  }
}
