import 'reflect-metadata';
import { hostname } from 'node:os';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { topicNames } from '@truc/coordination';
import { GroupLease, openLogReader, openLogWriter } from '@truc/kafka';
import { systemClock, TrucError, withinMs } from '@truc/kernel';
import {
  ApplyFlow,
  FlowSet,
  FlowSupervisor,
  ReceiptLog,
  RejectionLog,
  reportFlows,
  reportRefused,
  whileHeld,
  type ApplyParts,
  type FlowPlan,
  type FlowState,
} from '@truc/pipeline';
import { BackbonePolicy, reportPolicy } from '@truc/policy';
import { PostgresTarget } from '@truc/postgres-apply';
import { RegistryClient, registryConnection } from '@truc/registry-client';
import { createLogger, Telemetry, telemetryEndpoints } from '@truc/telemetry';
import type { GeneralDatabaseConfiguration } from './configuration.js';
import { datasetTables } from './dataset-tables.js';

export interface GeneralDatabase {
  readonly url: string;
  states(): Record<string, FlowState>;
  /** Finishes the batch in hand and lets go, within 10 seconds. */
  close(): Promise<void>;
}

@Module({})
class GeneralDatabaseModule {}

const service = 'general-database';
/** It has one database only; receipts of consumers with several name each of them. */
const database = 'general';
const closeMsMax = 10_000;
/** Within seconds of a topic or a schema being there its flow runs. */
const retryMsMax = 3_000;

/**
 * Keeps the National General Database: every dataset of the backbone in a table of its own, one flow for each, so that one that needs a person leaves the others
 * running. Starts whatever cannot be reached yet; it is tried again.
 */
export async function startGeneralDatabase(configuration: GeneralDatabaseConfiguration): Promise<GeneralDatabase> {
  const log = createLogger(service, { level: configuration.logLevel, terminal: process.stdout.isTTY });
  const telemetry = new Telemetry({ service, otlpEndpoint: configuration.otlpEndpoint });
  const connection = { ...configuration.kafka, clientId: service };
  const reader = openLogReader({ connection });
  const schemas = new RegistryClient(registryConnection(configuration.registry));
  const target = new PostgresTarget({ connectionString: configuration.databaseUrl, consumer: service, clock: systemClock });
  const rejectedTopic = topicNames.rejected(service);
  const rejections = new RejectionLog({
    topic: rejectedTopic,
    consumer: service,
    schemas,
    openWriter: () =>
      openLogWriter({ connection, transactionalId: `${service}.rejected`, partitions: [{ topic: rejectedTopic, partition: 0 }] }),
    telemetry,
    clock: systemClock,
  });
  const receipts = new ReceiptLog({
    topic: topicNames.receipts,
    recipient: { consumer: service, database },
    outbox: target.outbox,
    schemas,
    openWriter: () =>
      openLogWriter({
        connection,
        transactionalId: `${service}.receipts`,
        partitions: [{ topic: topicNames.receipts, partition: 0 }],
      }),
    telemetry,
  });
  const lease = new GroupLease({ connection, group: `${service}.lease`, holder: `${hostname()}, pid ${process.pid}` });
  const receipting = new FlowSupervisor({
    run: (signal) => whileHeld(lease, signal, (held) => receipts.run(held)),
    standBy: () => lease.standBy(),
    retryMsMax,
    onState: (state) => {
      if (state.kind === 'stopped') log.error(state, 'receipts are no longer sent: it needs a person');
      else if (state.kind === 'retrying') log.warn(state, 'sending receipts failed and is tried again; they wait in the database');
    },
  });
  const policy = new BackbonePolicy({
    reader,
    withAgencies: false,
    ...reportPolicy(telemetry, log),
  });
  const flows = new FlowSet({ lease, retryMsMax, onState: reportFlows(telemetry, log) });
  const parts: ApplyParts = {
    consumer: service,
    reader,
    target,
    schemas,
    isReleased: (release) => policy.isReleased(release),
    dictionaryOf: (release) => policy.dictionary(release),
    rejections,
    onRefused: reportRefused(log),
    receipts,
    telemetry,
    clock: systemClock,
  };
  const app = await NestFactory.create<NestExpressApplication>(GeneralDatabaseModule, { logger: false, abortOnError: false });
  app.disable('x-powered-by');
  app.use(
    telemetryEndpoints(telemetry, () => ({
      ready: policy.isRead,
      detail: {
        role: lease.isHeld ? 'acting' : 'standby',
        policy: policy.isRead ? 'read' : 'waiting',
        flows: flows.states(),
        receipts: receipting.state,
      },
    })),
  );
  await app.listen(configuration.port, configuration.host);
  await receipting.resume();
  const following = policy.run(() => flows.follow(flowPlans(policy, parts)));
  following.catch((error: unknown) => log.error({ err: error }, 'the policy is no longer followed'));
  const url = await app.getUrl();
  log.info({ url }, 'the general database answers');
  return {
    url,
    states: () => flows.states(),
    close: async () => {
      const inOrder = async (): Promise<void> => {
        await policy.close();
        await following.catch(() => {});
        await flows.close();
        await rejections.close();
        await receipting.close();
        await target.close();
      };
      await withinMs(closeMsMax, inOrder());
      await lease.close();
      await Promise.allSettled([reader.close(), app.close(), telemetry.shutdown()]);
      log.info('the general database has stopped');
    },
  };
}

/** One flow for each dataset; datasets whose tables clash are shown as stopped. */
export function flowPlans(policy: Pick<BackbonePolicy, 'entries'>, parts: ApplyParts): FlowPlan[] {
  const { subscriptions, clashing } = datasetTables(policy.entries('dataset'));
  return [
    ...subscriptions.map((subscription): FlowPlan => ({
      name: subscription.topic,
      from: subscription,
      run: async (signal) => new ApplyFlow([subscription], parts).run(signal),
    })),
    ...clashing.map(({ topic, table }): FlowPlan => ({
      name: topic,
      from: { clashing: table },
      run: () =>
        Promise.reject(
          new TrucError(
            'APPLY_TABLE_CLASHES',
            `${topic} and another dataset would both be kept in ${table}; give one of them another name`,
          ),
        ),
    })),
  ];
}
