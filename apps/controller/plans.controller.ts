import { Controller, Inject, Param } from '@nestjs/common';
import { type Actor, type PlanPreview, type Simulation, SimulationBody } from '#api';
import type { Conductor } from '#conductor';
import { createSimulator, type Simulator } from '#simulator';
import type { TextBody } from './http/bodies.ts';
import { On } from './http/on.ts';
import { Body, By, PlanText, Search } from './http/parameters.ts';
import { PreviewQuery } from './http/queries.ts';
import { CONDUCTOR } from './http/tokens.ts';

@Controller()
export class PlansController {
  private readonly simulator: Simulator;

  constructor(@Inject(CONDUCTOR) private readonly conductor: Conductor) {
    this.simulator = createSimulator(conductor);
  }

  @On('POST /v1/plans')
  preview(
    @By() by: Actor,
    @PlanText() plan: TextBody,
    @Search(PreviewQuery) { facts, limit }: PreviewQuery,
  ): Promise<PlanPreview> {
    const request = { ...plan, limit };
    return facts === 'live'
      ? this.conductor.previewLive(by, request)
      : this.conductor.previewPlan(by, request);
  }

  @On('POST /v1/plans/simulate')
  simulate(@By() by: Actor, @Body(SimulationBody) body: SimulationBody): Promise<Simulation> {
    return this.simulator.simulate(by, body);
  }

  @On('GET /v1/plans/:id')
  one(@Param('id') id: string): Promise<PlanPreview> {
    return this.conductor.getPlan(id);
  }
}
