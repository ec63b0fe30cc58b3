import 'reflect-metadata';
import { hostname } from 'node:os';
import type { Writable } from 'node:stream';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { BrokerLog, GroupLease, openLogAdmin, openLogReader } from '@truc/kafka';
import { systemClock, type Clock } from '@truc/kernel';
import { BackbonePolicy, reportPolicy } from '@truc/policy';
import { createLogger, Telemetry, telemetryEndpoints } from '@truc/telemetry';
import { AccessKeeping } from './access-keeping.js';
import type { BrokerAccessConfiguration } from './configuration.js';
import { tellDenied } from './denied-requests.js';

export interface BrokerAccess {
  readonly url: string;
  close(): Promise<void>;
}

/** What a test puts in the place of the process's own. */
export interface BrokerAccessSurroundings {
  readonly clock?: Clock;
  /** Where log lines go instead of standard output. */
  readonly logTo?: Writable;
}

@Module({})
class BrokerAccessModule {}

const service = 'broker-access';

/**
 * Keeps permissions at the brokers as the policy says, and tells of what the brokers refuse. Asks nobody but the brokers: it goes on while the platform is down, and
 * closes what contracts open when the platform has been silent for too long. Starts whatever cannot be reached yet; it is tried again.
 */
export async function startBrokerAccess(
  configuration: BrokerAccessConfiguration,
  { clock = systemClock, logTo }: BrokerAccessSurroundings = {},
): Promise<BrokerAccess> {
  const { kafka, policyAgeSecondsMax, lookSeconds, spare, authorizerLogs } = configuration;
  const to = logTo === undefined ? { terminal: process.stdout.isTTY } : { destination: logTo };
  const log = createLogger(service, { level: configuration.logLevel, ...to });
  const telemetry = new Telemetry({ service, otlpEndpoint: configuration.otlpEndpoint });
  const connection = { ...kafka, clientId: service };
  const reader = openLogReader({ connection });
  const admin = openLogAdmin({ connection });
  const lease = new GroupLease({ connection, group: `${service}.lease`, holder: `${hostname()}, pid ${process.pid}` });
  const policy = new BackbonePolicy({ reader, withAgencies: true, withPrincipals: true, ...reportPolicy(telemetry, log) });
  if (spare.length > 0) log.info({ spare }, 'the permissions of these users are somebody else’s business');
  const keeping = new AccessKeeping({
    policy,
    admin,
    lease,
    telemetry,
    log,
    clock,
    policyAgeMsMax: policyAgeSecondsMax * 1000,
    lookMs: lookSeconds * 1000,
    spared: new Set(spare),
  });
  const app = await NestFactory.create<NestExpressApplication>(BrokerAccessModule, { logger: false, abortOnError: false });
  app.disable('x-powered-by');
  app.use(
    telemetryEndpoints(telemetry, () => ({
      ready: keeping.state === 'kept' || keeping.state === 'standby',
      detail: { role: lease.isHeld ? 'acting' : 'standby', policy: policy.isRead ? 'read' : 'waiting', access: keeping.state },
    })),
  );
  await app.listen(configuration.port, configuration.host);
  const stopped = new AbortController();
  lease.onChange(() => keeping.wake());
  const following = policy.run(() => Promise.resolve(keeping.wake()));
  following.catch((error: unknown) => log.error({ err: error }, 'the policy is no longer followed'));
  const running = keeping.run(stopped.signal);
  const brokerLogs = authorizerLogs.map((path) => new BrokerLog({ path, onLines: (lines) => tellDenied(lines, telemetry, log) }));
  for (const brokerLog of brokerLogs) brokerLog.start();
  const url = await app.getUrl();
  log.info({ url }, 'the keeper of access answers');
  return {
    url,
    close: async () => {
      stopped.abort();
      await Promise.allSettled([running, policy.close(), ...brokerLogs.map((brokerLog) => brokerLog.close())]);
      await lease.close();
      await Promise.allSettled([reader.close(), admin.close(), app.close(), telemetry.shutdown()]);
      log.info('the keeper of access has stopped');
    },
  };
}
