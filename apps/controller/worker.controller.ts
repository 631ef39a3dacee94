import { Controller, Inject, Param } from '@nestjs/common';
import {
  type Actor,
  type Claim,
  ClaimRequest,
  type Hello,
  type ReportAnswer,
  ReportRequest,
  type WorkerBundle,
} from '#api';
import type { Conductor } from '#conductor';
import { On } from './http/on.ts';
import { Body, By } from './http/parameters.ts';
import { CONDUCTOR } from './http/tokens.ts';

@Controller()
export class WorkerController {
  constructor(@Inject(CONDUCTOR) private readonly conductor: Conductor) {}

  @On('GET /v1/worker/hello')
  hello(@By() by: Actor): Promise<Hello> {
    return this.conductor.hello(by);
  }

  @On('POST /v1/worker/claims')
  claim(@By() by: Actor, @Body(ClaimRequest) request: ClaimRequest): Promise<Claim> {
    return this.conductor.claim(by, request);
  }

  @On('POST /v1/worker/reports')
  report(@By() by: Actor, @Body(ReportRequest) request: ReportRequest): Promise<ReportAnswer> {
    return this.conductor.report(by, request);
  }

  @On('GET /v1/worker/bundles/:digest')
  bundle(@By() by: Actor, @Param('digest') digest: string): Promise<WorkerBundle> {
    return this.conductor.bundleForWorker(by, digest);
  }
}
