import 'reflect-metadata';
import { hostname } from 'node:os';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { ViewPolicy } from '@truc/contracts';
import { topicNames } from '@truc/coordination';
import { GroupLease, openLogReader, openLogWriter } from '@truc/kafka';
import { reveal, systemClock, withinMs } from '@truc/kernel';
import { FanoutFlow, FlowSet, reportFlows, type FanoutParts, type FlowPlan, type FlowState } from '@truc/pipeline';
import { BackbonePolicy, reportPolicy } from '@truc/policy';
import { RegistryClient, registryConnection } from '@truc/registry-client';
import { createLogger, Telemetry, telemetryEndpoints } from '@truc/telemetry';
import type { DistributorConfiguration } from './configuration.js';

export interface Distributor {
  readonly url: string;
  states(): Record<string, FlowState>;
  /** Finishes the batch in hand, stores how far the views are and lets go, within 10 seconds. */
  close(): Promise<void>;
}

@Module({})
class DistributorModule {}

const service = 'distributor';
const closeMsMax = 10_000;
/** Within seconds of a topic or a schema being there its flow runs. */
const retryMsMax = 3_000;

/** Fans every dataset out into the views that contracts made of it: one flow for each dataset. Starts whatever cannot be reached yet; it is tried again. */
export async function startDistributor(configuration: DistributorConfiguration): Promise<Distributor> {
  const log = createLogger(service, { level: configuration.logLevel, terminal: process.stdout.isTTY });
  const telemetry = new Telemetry({ service, otlpEndpoint: configuration.otlpEndpoint });
  const connection = { ...configuration.kafka, clientId: service };
  const reader = openLogReader({ connection });
  const policy = new BackbonePolicy({
    reader,
    withAgencies: true,
    ...reportPolicy(telemetry, log),
  });
  const lease = new GroupLease({ connection, group: `${service}.lease`, holder: `${hostname()}, pid ${process.pid}` });
  const flows = new FlowSet({ lease, retryMsMax, onState: reportFlows(telemetry, log) });
  const parts: FanoutParts = {
    reader,
    openWriter: (transactionalId, partitions) => openLogWriter({ connection, transactionalId, partitions }),
    schemas: new RegistryClient(registryConnection(configuration.registry)),
    isReleased: (release) => policy.isReleased(release),
    dictionaryOf: (release) => policy.dictionary(release),
    secret: Buffer.from(reveal(configuration.viewSecret)),
    service,
    stateTopic: topicNames.serviceState(service),
    rejectedTopic: topicNames.rejected(service),
    telemetry,
    clock: systemClock,
  };
  const running = new Map<string, FanoutFlow>();
  const app = await NestFactory.create<NestExpressApplication>(DistributorModule, { logger: false, abortOnError: false });
  app.disable('x-powered-by');
  app.use(
    telemetryEndpoints(telemetry, () => ({
      ready: policy.isRead,
      detail: {
        role: lease.isHeld ? 'acting' : 'standby',
        policy: policy.isRead ? 'read' : 'waiting',
        flows: flows.states(),
        waiting: [...running.values()].flatMap((flow) => flow.waiting),
      },
    })),
  );
  await app.listen(configuration.port, configuration.host);
  const following = policy.run(() => flows.follow(flowPlans(policy.entries('view'), parts, running)));
  following.catch((error: unknown) => log.error({ err: error }, 'the policy is no longer followed'));
  const url = await app.getUrl();
  log.info({ url }, 'the distributor answers');
  return {
    url,
    states: () => flows.states(),
    close: async () => {
      const inOrder = async (): Promise<void> => {
        await policy.close();
        await following.catch(() => {});
        await flows.close();
      };
      await withinMs(closeMsMax, inOrder());
      await lease.close();
      await Promise.allSettled([reader.close(), app.close(), telemetry.shutdown()]);
      log.info('the distributor has stopped');
    },
  };
}

/** One flow for each dataset topic with its views; a view that several agencies share is in the topic of each and counts once. */
export function flowPlans(views: readonly ViewPolicy[], parts: FanoutParts, running: Map<string, FanoutFlow>): FlowPlan[] {
  const byDataset = new Map<string, Map<string, ViewPolicy>>();
  for (const view of views) {
    const ofDataset = byDataset.get(view.datasetTopic) ?? new Map<string, ViewPolicy>();
    byDataset.set(view.datasetTopic, ofDataset.set(view.id, view));
  }
  return [...byDataset].map(([topic, ofDataset]) => {
    const from = [...ofDataset.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
    return {
      name: topic,
      from,
      run: async (signal) => {
        const flow = new FanoutFlow(from, parts);
        running.set(topic, flow);
        try {
          await flow.run(signal);
        } finally {
          if (running.get(topic) === flow) running.delete(topic);
        }
      },
    };
  });
}
