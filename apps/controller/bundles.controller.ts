import { Controller, Inject, Param } from '@nestjs/common';
import {
  type Actor,
  BundleBody,
  type BundleDetail,
  type BundleRemoved,
  type BundleSummary,
  type Page,
  PageQuery,
} from '#api';
import type { Conductor } from '#conductor';
import { On } from './http/on.ts';
import { Body, By, Search } from './http/parameters.ts';
import { CONDUCTOR } from './http/tokens.ts';

@Controller()
export class BundlesController {
  constructor(@Inject(CONDUCTOR) private readonly conductor: Conductor) {}

  @On('POST /v1/bundles')
  add(@By() by: Actor, @Body(BundleBody) body: BundleBody): Promise<BundleSummary> {
    return this.conductor.importBundle(by, body);
  }

  @On('GET /v1/bundles')
  list(@Search(PageQuery) page: PageQuery): Promise<Page<BundleSummary>> {
    return this.conductor.listBundles(page);
  }

  @On('DELETE /v1/bundles/:bundle')
  remove(@By() by: Actor, @Param('bundle') bundle: string): Promise<BundleRemoved> {
    return this.conductor.removeBundle(by, bundle);
  }

  @On('GET /v1/bundles/:bundle')
  one(@Param('bundle') bundle: string): Promise<BundleDetail> {
    return this.conductor.getBundle(bundle);
  }
}
