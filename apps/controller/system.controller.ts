import { Controller, Inject } from '@nestjs/common';
import type { Conductor } from '#conductor';
import { On } from './http/on.ts';
import { openApi } from './http/openapi.ts';
import { CONDUCTOR } from './http/tokens.ts';

@Controller()
export class SystemController {
  constructor(@Inject(CONDUCTOR) private readonly conductor: Conductor) {}

  @On('GET /healthz')
  alive(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @On('GET /readyz')
  async ready(): Promise<{ status: 'ok' }> {
    await this.conductor.ready();
    return { status: 'ok' };
  }

  @On('GET /v1/openapi.json')
  openApi(): unknown {
    return openApi();
  }
}
