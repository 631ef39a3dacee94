import { Controller, Inject } from '@nestjs/common';
import { type Actor, type Freeze, FreezeBody } from '#api';
import type { Conductor } from '#conductor';
import { On } from './http/on.ts';
import { Body, By } from './http/parameters.ts';
import { CONDUCTOR } from './http/tokens.ts';

@Controller()
export class FreezeController {
  constructor(@Inject(CONDUCTOR) private readonly conductor: Conductor) {}

  @On('GET /v1/freeze')
  present(): Promise<Freeze> {
    return this.conductor.getFreeze();
  }

  @On('POST /v1/freeze')
  freeze(@By() by: Actor, @Body(FreezeBody) body: FreezeBody): Promise<Freeze> {
    return this.conductor.freeze(by, body);
  }

  @On('DELETE /v1/freeze')
  unfreeze(@By() by: Actor): Promise<Freeze> {
    return this.conductor.unfreeze(by);
  }
}
