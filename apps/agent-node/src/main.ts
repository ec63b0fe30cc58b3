import { hostname } from 'node:os';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { runService } from '@truc/kernel';
import { createLogger, Telemetry, telemetryEndpoints } from '@truc/telemetry';
import 'reflect-metadata';
import { agentConfiguration, type AgentConfiguration } from './configuration.js';
import { Seat } from './seat.js';

const service = 'agent-node';

@Module({})
class AgentModule {}

async function start(configuration: AgentConfiguration): Promise<{ close(): Promise<void> }> {
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
        roles: Object.fromEntries(
          seats.flatMap(({ agency, roles }) => Object.entries(roles).map(([post, role]) => [`${agency}/${post}`, role])),
        ),
        seats: Object.fromEntries(seats.map((seat) => [seat.agency, { ...seat.states(), ...seat.datasetsApart() }])),
      },
    })),
  );
  await app.listen(configuration.port, configuration.host);
  for (const seat of seats) seat.start();
  log.info({ url: await app.getUrl(), agencies: seats.map(({ agency }) => agency) }, 'the agent node answers');
  return {
    close: async () => {
      await Promise.all(seats.map((seat) => seat.close()));
      await app.close();
      await telemetry.shutdown();
    },
  };
}

await runService(process, { name: service, configuration: agentConfiguration, start });
