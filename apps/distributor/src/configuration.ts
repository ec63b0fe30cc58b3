import { kafkaConnection } from '@truc/kafka';
import { reveal, secretText } from '@truc/kernel';
import { registrySettings } from '@truc/registry-client';
import { z } from 'zod';

const nonEmpty = z.string().min(1);

export const distributorConfiguration = z.strictObject({
  host: nonEmpty.default('127.0.0.1'),
  /** Of health and metrics; 0 takes any free one. */
  port: z.int().min(0).max(65535),
  kafka: kafkaConnection,
  registry: registrySettings,
  /** Root of the secrets of all views, at least 16 characters: keep it like a password, and never change it, or every view gets new keys. */
  viewSecret: secretText.refine((value) => reveal(value).length >= 16, { message: 'at least 16 characters' }),
  otlpEndpoint: z.url().nullable().default(null),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

export type DistributorConfiguration = z.infer<typeof distributorConfiguration>;
