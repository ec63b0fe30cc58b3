import { kafkaConnection } from '@truc/kafka';
import { httpLine, messageOf, postgresUrl, refusePlainHttp } from '@truc/kernel';
import { z } from 'zod';

const nonEmpty = z.string().min(1);
const loopback = ['127.0.0.1', '::1', 'localhost'];

export const platformConfiguration = z
  .strictObject({
    host: nonEmpty.default('127.0.0.1'),
    /** 0 takes any free one. */
    port: z.int().min(0).max(65535),
    databaseUrl: postgresUrl,
    /** The platform's own user administers the brokers. */
    kafka: kafkaConnection,
    /** null: there is no registry; schemas wait until there is one. */
    registryUrl: z.url().nullable().default(null),
    /** The way to it. */
    registryLine: z.strictObject(httpLine).default({}),
    /** Ed25519 key that signs tokens; made at the first start. Keep it like a password. */
    tokenKeyFile: nonEmpty,
    /** How long the token of a new principal is good. */
    tokenDays: z.int().min(1).max(3650).default(365),
    /** Everybody who reaches the port is the administrator. For one machine only. */
    open: z.boolean().default(false),
    /** Replicas of each topic; null is the brokers' default. */
    replicas: z.int().positive().nullable().default(null),
    /** How often it says on the policy topic that it is there and that everything is published. Whoever goes by the policy tells its age by that. */
    heartbeatSeconds: z.int().min(1).max(3600).default(60),
    /** Over the settings of every topic; tests shorten lags with it. */
    topicSettings: z.record(nonEmpty, z.string()).default({}),
    otlpEndpoint: z.url().nullable().default(null),
    logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  })
  .refine(({ open, host }) => !open || loopback.includes(host), {
    path: ['open'],
    message: 'open is for 127.0.0.1 only: set host to it, or take open away',
  })
  .superRefine(({ registryUrl, registryLine }, context) => {
    try {
      if (registryUrl !== null) refusePlainHttp(registryUrl, registryLine, 'the schema registry', 'REGISTRY');
    } catch (error) {
      context.addIssue({ code: 'custom', path: ['registryUrl'], message: messageOf(error) });
    }
  });

export type PlatformConfiguration = z.infer<typeof platformConfiguration>;
