import { hostname } from 'node:os';
import { parseArgs } from 'node:util';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { loadConfiguration, messageOf } from '@truc/kernel';
import { createLogger, Telemetry, telemetryEndpoints } from '@truc/telemetry';
import 'reflect-metadata';
import { agentConfiguration, type AgentConfiguration } from './configuration.js';
import { Seat } from './seat.js';

const service = 'agent-node';

@Module({})
class AgentModule {}

async function start(configuration: AgentConfiguration): Promise<() => Promise<void>> {
  const log = createLogger(service, { level: configuration.logLevel, terminal: process.stdout.isTTY });
  const telemetry = new Telemetry({ service, otlpEndpoint: configuration.otlpEndpoint });
  const holder = `${hostname()}, pid ${process.pid}`;
  const seats = configuration.seats.map((seat) => new Seat(seat, holder, telemetry, log.child({ agency: seat.agency })));
  const app = await NestFactory.create<NestExpressApplication>(AgentModule, { logger: false, abortOnError: false });
  app.disable('x-powered-by');
  app.use(
    telemetryEndpoints(telemetry, () => ({
      ready: seats.every((seat) => seat.isReady),
      detail: {
        roles: Object.fromEntries(seats.map((seat) => [seat.agency, seat.role])),
        seats: Object.fromEntries(seats.map((seat) => [seat.agency, seat.states()])),
      },
    })),
  );
  await app.listen(configuration.port, configuration.host);
  for (const seat of seats) seat.start();
  log.info({ url: await app.getUrl(), agencies: seats.map(({ agency }) => agency) }, 'the agent node answers');
  return async () => {
    await Promise.all(seats.map((seat) => seat.close()));
    await app.close();
    await telemetry.shutdown();
  };
}

const { values } = parseArgs({ options: { config: { type: 'string' } } });
if (values.config === undefined) {
  process.stderr.write('usage: agent-node --config FILE\n');
  process.exit(3);
}
try {
  const stop = await start(loadConfiguration(agentConfiguration, values.config, process.env));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      stop().then(
        () => process.exit(0),
        (error: unknown) => {
          process.stderr.write(`${messageOf(error)}\n`);
          process.exit(1);
        },
      );
    });
  }
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(1);
}
