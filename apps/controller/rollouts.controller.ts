import { Controller, Header, Headers, Inject, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import {
  type Actor,
  type Batch,
  type DecisionRecord,
  type Explanation,
  type FailureGroup,
  type Page,
  PageQuery,
  PatchBody,
  type Rollout,
  type RolloutHost,
  type RolloutHostDetail,
  type RolloutSummary,
  type Verb,
} from '#api';
import type { Conductor, Tagged } from '#conductor';
import type { TextBody } from './http/bodies.ts';
import { On, OnVerbs } from './http/on.ts';
import { Body, By, Path, PlanText, Search, VerbOf } from './http/parameters.ts';
import {
  BatchNumber,
  HostsQuery,
  NewRolloutQuery,
  RolloutsQuery,
  ReportQuery,
} from './http/queries.ts';
import { formatOf, REPORT_TYPES, streamText } from './http/stream-text.ts';
import { CONDUCTOR } from './http/tokens.ts';

@Controller()
export class RolloutsController {
  constructor(@Inject(CONDUCTOR) private readonly conductor: Conductor) {}

  @On('POST /v1/rollouts')
  create(
    @By() by: Actor,
    @PlanText() plan: TextBody,
    @Search(NewRolloutQuery) query: NewRolloutQuery,
  ): Promise<Tagged<Rollout>> {
    return this.conductor.createRollout(by, { ...plan, ...query });
  }

  @On('GET /v1/rollouts')
  list(@Search(RolloutsQuery) query: RolloutsQuery): Promise<Page<RolloutSummary>> {
    return this.conductor.listRollouts(query);
  }

  @On('GET /v1/rollouts/:id')
  one(@Param('id') id: string): Promise<Tagged<Rollout>> {
    return this.conductor.getRollout(id);
  }

  @On('GET /v1/rollouts/:id/batches')
  batches(@Param('id') id: string, @Search(PageQuery) page: PageQuery): Promise<Page<Batch>> {
    return this.conductor.listBatches(id, page);
  }

  @On('GET /v1/rollouts/:id/batches/:number')
  batch(
    @Param('id') id: string,
    @Path(BatchNumber) { number }: { number: number },
  ): Promise<Batch> {
    return this.conductor.getBatch(id, number);
  }

  @On('GET /v1/rollouts/:id/hosts')
  hosts(
    @Param('id') id: string,
    @Search(HostsQuery) query: HostsQuery,
  ): Promise<Page<RolloutHost>> {
    return this.conductor.listHosts(id, query);
  }

  @On('GET /v1/rollouts/:id/hosts/:name')
  host(@Param('id') id: string, @Param('name') name: string): Promise<RolloutHostDetail> {
    return this.conductor.getHost(id, name);
  }

  @On('GET /v1/rollouts/:id/hosts/:name/log')
  @Header('content-type', 'text/plain; charset=utf-8')
  log(@Param('id') id: string, @Param('name') name: string): Promise<string> {
    return this.conductor.hostLog(id, name);
  }

  @On('GET /v1/rollouts/:id/decisions')
  decisions(
    @Param('id') id: string,
    @Search(PageQuery) page: PageQuery,
  ): Promise<Page<DecisionRecord>> {
    return this.conductor.listDecisions(id, page);
  }

  @On('GET /v1/rollouts/:id/failures')
  async failures(@Param('id') id: string): Promise<Page<FailureGroup>> {
    return { items: await this.conductor.listFailures(id), nextCursor: null };
  }

  @On('GET /v1/rollouts/:id/explanation')
  explain(@Param('id') id: string): Promise<Explanation> {
    return this.conductor.explain(id);
  }

  @On('GET /v1/rollouts/:id/report')
  async report(
    @Param('id') id: string,
    @Search(ReportQuery) query: ReportQuery,
    @Res() reply: FastifyReply,
    @Headers('accept') accept?: string,
  ): Promise<void> {
    const format = query.format ?? formatOf(accept);
    await streamText(reply, REPORT_TYPES[format], await this.conductor.evidence(id, format));
  }

  @On('PATCH /v1/rollouts/:id')
  patch(
    @By() by: Actor,
    @Param('id') id: string,
    @Body(PatchBody) body: PatchBody,
    @Headers('if-match') ifMatch?: string,
  ): Promise<Tagged<Rollout>> {
    return this.conductor.act(by, id, { kind: 'patch', ...body }, { ifMatch });
  }

  @OnVerbs()
  act(
    @By() by: Actor,
    @Param('id') id: string,
    @VerbOf() verb: Verb,
    @Headers('if-match') ifMatch?: string,
  ): Promise<Tagged<Rollout>> {
    return this.conductor.act(by, id, verb, { ifMatch });
  }
}
