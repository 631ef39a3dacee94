import { Controller, Inject, Param } from '@nestjs/common';
import {
  type Actor,
  type AuditEntry,
  AuditQuery,
  type NewToken,
  type Page,
  PageQuery,
  type Token,
  TokenBody,
} from '#api';
import type { Conductor } from '#conductor';
import { On } from './http/on.ts';
import { Body, By, Search } from './http/parameters.ts';
import { CONDUCTOR } from './http/tokens.ts';

@Controller()
export class AccessController {
  constructor(@Inject(CONDUCTOR) private readonly conductor: Conductor) {}

  @On('GET /v1/tokens')
  list(@Search(PageQuery) page: PageQuery): Promise<Page<Token>> {
    return this.conductor.listTokens(page);
  }

  @On('POST /v1/tokens')
  create(@By() by: Actor, @Body(TokenBody) body: TokenBody): Promise<NewToken> {
    return this.conductor.createToken(by, body);
  }

  @On('DELETE /v1/tokens/:id')
  revoke(@By() by: Actor, @Param('id') id: string): Promise<void> {
    return this.conductor.revokeToken(by, id);
  }

  @On('GET /v1/audit')
  audit(@Search(AuditQuery) query: AuditQuery): Promise<Page<AuditEntry>> {
    return this.conductor.listAudit(query);
  }
}
