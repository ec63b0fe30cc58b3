import { kafkaConnection } from '@truc/kafka';
import { postgresUrl } from '@truc/kernel';
import { registrySettings } from '@truc/registry-client';
import { z } from 'zod';

const nonEmpty = z.string().min(1);

export const generalDatabaseConfiguration = z.strictObject({
  host: nonEmpty.default('127.0.0.1'),
  /** Of health and metrics; 0 takes any free one. */
  port: z.int().min(0).max(65535),
  kafka: kafkaConnection,
  registry: registrySettings,
  /** The National General Database: a role that may create schemas and temporary tables in it. */
  databaseUrl: postgresUrl,
  otlpEndpoint: z.url().nullable().default(null),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

export type GeneralDatabaseConfiguration = z.infer<typeof generalDatabaseConfiguration>;
