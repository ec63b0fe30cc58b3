import type { Server } from 'node:https';
import { Module, type CanActivate, type DynamicModule, type ExecutionContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { messageOf, parseJsonBytes, withinMs } from '@truc/kernel';
import { RegistryRefusal } from '@truc/registry';
import { RegistryStore } from '@truc/registry-store';
import { telemetryEndpoints, type Logger, type Telemetry } from '@truc/telemetry';
import type { NextFunction, Request, Response } from 'express';
import 'reflect-metadata';
import { CallerGuard } from './caller-guard.js';
import { CallerIdentity } from './caller-identity.js';
import { CompatibilityController } from './compatibility-controller.js';
import { ConfigController } from './config-controller.js';
import { withoutContextPath } from './context-path.js';
import { ContextsController } from './contexts-controller.js';
import { CopyController } from './copy-controller.js';
import { KnownSchemas } from './known-schemas.js';
import { httpsOptions, lookUpAtEachConnection, type ListenerTls } from './listener-tls.js';
import { answerType, answerTypes, isBodyType } from './media-types.js';
import { ModeController } from './mode-controller.js';
import { RefusalFilter } from './refusal-filter.js';
import { RegistryPolicy } from './registry-policy.js';
import { RootController } from './root-controller.js';
import { FrontedAdapter, SchemaFront } from './schema-front.js';
import { SchemasController } from './schemas-controller.js';
import { SubjectsController } from './subjects-controller.js';
import { VersionsController } from './versions-controller.js';

export const [contentType] = answerTypes;
/** A schema has 64 KiB; as a text in JSON every quote of it takes two bytes, and there are references. */
const bodyBytesMax = 256 * 1024;

/** Of schemas by id, as they are answered, packed: a hundred thousand of ordinary size. */
const knownBytesMax = 48 * 1024 * 1024;

const bodyLimits = { depthMax: 32, commasMax: 10_000 };

export interface RegistryParts {
  readonly store: RegistryStore;
  readonly policy: RegistryPolicy;
  readonly telemetry: Telemetry;
  readonly log: Logger;
  /** Everybody is the administrator. */
  readonly isOpen: boolean;
  /** Null or left out: plain HTTP. */
  readonly tls?: ListenerTls | null;
}

@Module({})
class RegistryModule {
  static of({ store, policy }: RegistryParts, known: KnownSchemas): DynamicModule {
    return {
      module: RegistryModule,
      controllers: [
        SubjectsController,
        VersionsController,
        SchemasController,
        CompatibilityController,
        ConfigController,
        ModeController,
        ContextsController,
        CopyController,
        RootController,
      ],
      providers: [
        { provide: RegistryStore, useValue: store },
        { provide: RegistryPolicy, useValue: policy },
        { provide: KnownSchemas, useValue: known },
      ],
    };
  }
}

/** Refuses bodies and answers of types that are not ours, once it is known who calls. */
class MediaTypeGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<Request>();
    if (answerType(headers.accept) === null) throw new RegistryRefusal('notAcceptable', 'HTTP 406 Not Acceptable');
    const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
    if (hasBody && !isBodyType(headers['content-type']))
      throw new RegistryRefusal('unsupportedMediaType', 'HTTP 415 Unsupported Media Type');
    return true;
  }
}

/** Makes a body that was read as bytes what its JSON says. */
function parsedBody(request: Request, _response: Response, next: NextFunction): void {
  const { body } = request as { body: unknown };
  if (!Buffer.isBuffer(body)) return next();
  try {
    request.body = body.length === 0 ? {} : parseJsonBytes(body, bodyLimits);
  } catch (cause) {
    return next(new RegistryRefusal('badRequest', `The body is not JSON that is taken here: ${messageOf(cause)}`, { cause }));
  }
  next();
}

/** The HTTP side; it does not listen yet. @throws TrucError REGISTRY_TLS_UNUSABLE */
export async function createRegistryApp(parts: RegistryParts): Promise<NestExpressApplication> {
  const { store, policy, telemetry, log, isOpen, tls = null } = parts;
  const identity = new CallerIdentity(policy, telemetry, isOpen);
  const known = new KnownSchemas(store, knownBytesMax);
  const server = new FrontedAdapter(new SchemaFront({ known, identity, telemetry }));
  // The setting would come too late: Nest has made the router. Routes take it over when they are added.
  (server.getInstance() as { router: { caseSensitive?: boolean } }).router.caseSensitive = true;
  const app = await NestFactory.create<NestExpressApplication>(RegistryModule.of(parts, known), server, {
    logger: false,
    bodyParser: false,
    abortOnError: false,
    ...(tls === null ? {} : { httpsOptions: httpsOptions(tls) }),
  });
  if (tls !== null) lookUpAtEachConnection(app.getHttpServer() as Server, tls, log);
  app.set('query parser', 'simple');
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(telemetryEndpoints(telemetry, () => health(store, policy)));
  app.use((request: Request, response: Response, next: NextFunction) => {
    response.setHeader('content-type', answerType(request.headers.accept) ?? contentType);
    response.once('finish', () => {
      const { path } = (request.route ?? { path: 'unknown' }) as { path: string };
      telemetry.record('truc_http_requests', 1, { route: `${request.method} ${path}`, status: String(response.statusCode) });
    });
    request.url = withoutContextPath(request.url);
    // A body of no bytes is none; the parser would take it for an empty object.
    if (request.headers['content-length'] === '0') delete request.headers['content-length'];
    next();
  });
  // Clients name the body with several media types, or none.
  app.useBodyParser('raw', { type: () => true, limit: bodyBytesMax });
  app.use(parsedBody);
  app.useGlobalGuards(new CallerGuard(identity), new MediaTypeGuard());
  app.useGlobalFilters(new RefusalFilter(log, telemetry));
  return app;
}

/** How long the health page waits for the database, in milliseconds. */
const pingMs = 1_000;

/**
 * Ready means that it answers, which it does without its database too: who took it out of service then would keep its callers from what it knows by heart. What the database does, and whether `data.*` and `view.*` can
 * be judged already, is told beside it: the first release is published through a platform that needs a registry.
 */
async function health(store: RegistryStore, policy: RegistryPolicy) {
  const detail = { database: 'does not answer', ...policy.state() };
  await withinMs(
    pingMs,
    store.ping().then(() => {
      detail.database = 'answers';
    }),
  );
  return { ready: true, detail };
}
