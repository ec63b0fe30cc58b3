import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { RegistryStore } from '@truc/registry-store';
import { telemetryEndpoints, type Logger, type Telemetry } from '@truc/telemetry';
import type { NextFunction, Request, Response } from 'express';
import 'reflect-metadata';
import { CallerGuard } from './caller-guard.js';
import { CompatibilityController } from './compatibility-controller.js';
import { RefusalFilter } from './refusal-filter.js';
import { RegistryPolicy } from './registry-policy.js';
import { SchemasController } from './schemas-controller.js';
import { SettingsController } from './settings-controller.js';
import { SubjectsController } from './subjects-controller.js';

export const contentType = 'application/vnd.schemaregistry.v1+json';
/** A schema has 64 KiB; as a text in JSON every quote of it takes two bytes, and there are references. */
const bodyBytesMax = 256 * 1024;

export interface RegistryParts {
  readonly store: RegistryStore;
  readonly policy: RegistryPolicy;
  readonly telemetry: Telemetry;
  readonly log: Logger;
  /** Everybody is the administrator. */
  readonly isOpen: boolean;
}

@Module({})
class RegistryModule {
  static of({ store, policy }: RegistryParts): DynamicModule {
    return {
      module: RegistryModule,
      controllers: [SubjectsController, SchemasController, CompatibilityController, SettingsController],
      providers: [
        { provide: RegistryStore, useValue: store },
        { provide: RegistryPolicy, useValue: policy },
      ],
    };
  }
}

/** The HTTP side; it does not listen yet. */
export async function createRegistryApp(parts: RegistryParts): Promise<NestExpressApplication> {
  const { store, policy, telemetry, log, isOpen } = parts;
  const app = await NestFactory.create<NestExpressApplication>(RegistryModule.of(parts), {
    logger: false,
    bodyParser: false,
    abortOnError: false,
  });
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(telemetryEndpoints(telemetry, () => health(store, policy)));
  app.use((request: Request, response: Response, next: NextFunction) => {
    response.setHeader('content-type', contentType);
    response.once('finish', () => {
      const { path } = (request.route ?? { path: 'unknown' }) as { path: string };
      telemetry.record('truc_http_requests', 1, { route: `${request.method} ${path}`, status: String(response.statusCode) });
    });
    next();
  });
  // Clients name the body with several media types, or none.
  app.useBodyParser('json', { type: () => true, limit: bodyBytesMax });
  app.useGlobalGuards(new CallerGuard(policy, telemetry, isOpen));
  app.useGlobalFilters(new RefusalFilter(log, telemetry));
  return app;
}

/** Ready means that it answers; whether it can already judge `data.*` and `view.*` is told beside it, because the first release is published through a platform that needs a registry. */
async function health(store: RegistryStore, policy: RegistryPolicy) {
  const database = await store.ping().then(
    () => 'answers',
    () => 'does not answer',
  );
  return { ready: database === 'answers', detail: { database, ...policy.state() } };
}
