import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import type { Logger } from 'pino';
import type { Conductor } from '#conductor';
import { AccessController } from './access.controller.ts';
import { BlobsController } from './blobs.controller.ts';
import { BundlesController } from './bundles.controller.ts';
import { EventsController } from './events.controller.ts';
import { FleetController } from './fleet.controller.ts';
import { FreezeController } from './freeze.controller.ts';
import { AnswerInterceptor } from './http/answer.interceptor.ts';
import { AuthGuard } from './http/auth.guard.ts';
import { ProblemFilter } from './http/problem.filter.ts';
import { CONDUCTOR, LOG, STOPPING } from './http/tokens.ts';
import { LaterController } from './later.controller.ts';
import { PlansController } from './plans.controller.ts';
import { ReadingsController } from './readings.controller.ts';
import { RecoveryController } from './recovery.controller.ts';
import { RolloutsController } from './rollouts.controller.ts';
import { SystemController } from './system.controller.ts';
import { WorkerController } from './worker.controller.ts';

/** What the controllers work with. */
export interface AppDeps {
  conductor: Conductor;
  log: Logger;
  /** Aborted when the controller stops. */
  stopping: AbortSignal;
}

@Module({})
export class AppModule {
  static with({ conductor, log, stopping }: AppDeps): DynamicModule {
    return {
      module: AppModule,
      controllers: [
        SystemController,
        PlansController,
        RolloutsController,
        EventsController,
        BundlesController,
        BlobsController,
        FleetController,
        FreezeController,
        ReadingsController,
        RecoveryController,
        AccessController,
        WorkerController,
        LaterController,
      ],
      providers: [
        { provide: CONDUCTOR, useValue: conductor },
        { provide: LOG, useValue: log },
        { provide: STOPPING, useValue: stopping },
        { provide: APP_GUARD, useClass: AuthGuard },
        { provide: APP_INTERCEPTOR, useClass: AnswerInterceptor },
        { provide: APP_FILTER, useClass: ProblemFilter },
      ],
    };
  }
}
