import { kafkaConnection } from '@truc/kafka';
import { postgresUrl } from '@truc/kernel';
import { z } from 'zod';
import { listenerTls } from './listener-tls.js';

const nonEmpty = z.string().min(1);
const loopback = ['127.0.0.1', '::1', 'localhost'];

export const registryConfiguration = z
  .strictObject({
    host: nonEmpty.default('127.0.0.1'),
    /** 0 takes any free one. */
    port: z.int().min(0).max(65535),
    /** Null: plain HTTP, for this machine or a proxy on it. */
    tls: listenerTls.nullable().default(null),
    databaseUrl: postgresUrl,
    /** Where the policy topics are; null: no policy ever arrives, `data.*` and `view.*` stay closed, and tokens of the configured keys are good until they expire. */
    kafka: kafkaConnection.nullable().default(null),
    /** Public keys that tokens may be signed with, as JWK, beside those that policy.common brings. */
    tokenKeys: z.array(z.looseObject({ kty: nonEmpty })).default([]),
    /** Everybody who reaches the port is the administrator. For one machine only. */
    open: z.boolean().default(false),
    otlpEndpoint: z.url().nullable().default(null),
    logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  })
  .refine(({ open, host }) => !open || loopback.includes(host), {
    path: ['open'],
    message: 'open is for 127.0.0.1 only: set host to it, or take open away',
  })
  .refine(({ tls, kafka, open }) => (tls?.clientCa ?? null) === null || kafka !== null || open, {
    path: ['tls', 'clientCa'],
    message: 'certificates name principals, which the policy topics bring: set kafka, or take clientCa away',
  });

export type RegistryConfiguration = z.infer<typeof registryConfiguration>;
