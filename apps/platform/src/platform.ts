import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { CoordinationStore, loadTokenKey } from '@truc/coordination-store';
import { GroupPresence } from '@truc/kafka';
import { messageOf, systemClock, TrucError, type SecretText } from '@truc/kernel';
import { registryAddress } from '@truc/registry-client';
import { createLogger, Telemetry, telemetryEndpoints, type Logger } from '@truc/telemetry';
import { AgentWatch } from './agent-watch.js';
import { ApplyController } from './apply.js';
import { Broker } from './broker.js';
import { CallerGuard } from './caller.js';
import { CatalogueController } from './catalogue.js';
import { AgentCommands, CommandsController } from './commands.js';
import type { PlatformConfiguration } from './configuration.js';
import { DictionaryController } from './dictionary.js';
import { HttpProblem } from './http-problem.js';
import { Planning } from './planning.js';
import { PlatformKey } from './platform-key.js';
import { PrincipalsController } from './principals.js';
import { ProposalsController } from './proposals.js';
import { Publication } from './publication.js';
import { SchemaRegistration, type SchemaRegistrar } from './schema-registration.js';
import { registrarOf } from './registrar.js';
import { parsedBody } from './request-body.js';
import { StatusController } from './status.js';

/** Whole documents of a directory, with what JSON adds to them. */
const bodyBytesLimit = 12 * 1024 * 1024;
const retryMs = 1000;
/** Topics and policy are looked over this often, and mended where somebody else changed them. */
const publishAgainMs = 60 * 60 * 1000;
/** How often it is looked whether somebody acts for each source. */
const agentLookMs = 15_000;

export interface Platform {
  readonly url: string;
  /** Resolves once what is stored is published for the first time. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

@Module({})
class PlatformModule {}

/**
 * Starts the platform: tables, then HTTP, then topics and policy. What cannot be reached yet is tried again; `ready` tells when all of it is there.
 * @throws TrucError when it cannot start at all: a token key that is not readable, a database of another shape, a port that is taken
 */
export async function startPlatform(configuration: PlatformConfiguration, signal?: AbortSignal): Promise<Platform> {
  const log = createLogger('platform', { level: configuration.logLevel, terminal: process.stdout.isTTY });
  if (configuration.open) log.warn('the platform is open: everybody on this machine is its administrator');
  const telemetry = new Telemetry({ service: 'platform', otlpEndpoint: configuration.otlpEndpoint });
  const key = await loadTokenKey(configuration.tokenKeyFile);
  const store = await openStore(configuration.databaseUrl, log, signal);
  const connection = configuration.kafka;
  const broker = new Broker(connection, configuration.topicSettings, configuration.replicas);
  const { registryUrl, registryLine } = configuration;
  const schemas = new SchemaRegistration(registrarOf(registryUrl === null ? null : registryAddress(registryUrl, registryLine), key), log);
  const publication = new Publication(store, broker, key, schemas, log, telemetry);
  const commands = new AgentCommands(store, broker, () => publication.entries);
  const planning = new Planning();
  const presence = new GroupPresence(connection);
  const agents = new AgentWatch(
    () => publication.entries,
    (group) => presence.hasMembers(group),
    telemetry,
    log,
    systemClock,
  );
  const guard = new CallerGuard(key, store, telemetry, configuration.open);

  const definition: DynamicModule = {
    module: PlatformModule,
    controllers: [
      ApplyController,
      CatalogueController,
      ProposalsController,
      DictionaryController,
      PrincipalsController,
      CommandsController,
      StatusController,
    ],
    providers: [
      { provide: CoordinationStore, useValue: store },
      { provide: Broker, useValue: broker },
      { provide: Publication, useValue: publication },
      { provide: SchemaRegistration, useValue: schemas },
      { provide: AgentCommands, useValue: commands },
      { provide: AgentWatch, useValue: agents },
      { provide: Planning, useValue: planning },
      { provide: PlatformKey, useValue: new PlatformKey(key, configuration.tokenDays) },
    ],
  };
  const stopped = new AbortController();
  let isPublished = false;
  const app = await NestFactory.create<NestExpressApplication>(definition, { logger: false, bodyParser: false });
  app.useBodyParser('raw', { type: 'application/json', limit: bodyBytesLimit });
  app.use(parsedBody);
  app.useGlobalGuards(guard);
  app.useGlobalFilters(new HttpProblem(log, telemetry));
  app.use(
    telemetryEndpoints(telemetry, async () => {
      const database = await store.ping().then(
        () => true,
        () => false,
      );
      const isFenced = broker.isFenced;
      return { ready: database && isPublished && !isFenced, detail: { database, published: isPublished, fenced: isFenced } };
    }),
  );
  await app.listen(configuration.port, configuration.host);
  const { port } = app.getHttpServer().address() as AddressInfo;
  const url = `http://${configuration.host.includes(':') ? `[${configuration.host}]` : configuration.host}:${port}`;
  log.info({ url }, 'the platform listens');

  const publishing = publishUntil(publication, log, stopped.signal).then((done) => {
    isPublished = done;
    if (done) log.info('what is stored is published');
    return done;
  });
  const watching = publishing.then((done) => (done ? agents.run(agentLookMs, stopped.signal) : undefined));
  const again = publishing.then((done) => (done ? publishAgain(publication, publishAgainMs, log, stopped.signal) : undefined));
  const vouching = publishing.then((done) =>
    done ? vouchUntil(publication, configuration.heartbeatSeconds * 1000, log, stopped.signal) : undefined,
  );

  return {
    url,
    ready: publishing.then(() => {}),
    close: async () => {
      stopped.abort();
      await app.close();
      await Promise.all([vouching, again, watching]);
      await Promise.allSettled([presence.close(), commands.close(), schemas.close(), publication.close(), planning.close()]);
      await broker.close();
      await store.close();
      await telemetry.shutdown();
      log.info('the platform has stopped');
    },
  };
}

async function openStore(url: SecretText, log: Logger, signal?: AbortSignal): Promise<CoordinationStore> {
  for (;;) {
    try {
      return await CoordinationStore.open({ url });
    } catch (error) {
      if (!(error instanceof TrucError && error.retry) || signal?.aborted) throw error;
      log.warn({ reason: error.message }, 'the database cannot be reached yet');
      await sleep(retryMs, undefined, { signal });
    }
  }
}

/** @returns false where it was stopped, or fenced by another platform, first */
async function publishUntil(publication: Pick<Publication, 'publish'>, log: Pick<Logger, 'warn'>, stopped: AbortSignal): Promise<boolean> {
  while (!stopped.aborted) {
    try {
      await publication.publish();
      return true;
    } catch (error) {
      log.warn({ reason: messageOf(error) }, 'what is stored cannot be published yet');
      if (error instanceof TrucError && error.code === 'LOG_FENCED') return false;
    }
    await sleep(retryMs, undefined, { signal: stopped }).catch(() => {});
  }
  return false;
}

/** Publishes now and then, the next time only when the last one has ended, until it is stopped, or fenced by another platform. */
export async function publishAgain(
  publication: Pick<Publication, 'publish'>,
  everyMs: number,
  log: Pick<Logger, 'warn'>,
  stopped: AbortSignal,
): Promise<void> {
  for (;;) {
    await sleep(everyMs, undefined, { signal: stopped, ref: false }).catch(() => {});
    if (!(await publishUntil(publication, log, stopped))) return;
  }
}

/** Gives signs of life until it is stopped, or fenced by another platform. */
async function vouchUntil(publication: Publication, everyMs: number, log: Logger, stopped: AbortSignal): Promise<void> {
  for (;;) {
    await sleep(everyMs, undefined, { signal: stopped }).catch(() => {});
    if (stopped.aborted) return;
    try {
      await publication.vouch();
    } catch (error) {
      log.warn({ reason: messageOf(error) }, 'no sign of life could be given');
      if (error instanceof TrucError && error.code === 'LOG_FENCED') return;
    }
  }
}

export type { SchemaRegistrar };
