import { kafkaConnection } from '@truc/kafka';
import { isAgencyCode, postgresUrl } from '@truc/kernel';
import { registrySettings } from '@truc/registry-client';
import { z } from 'zod';

const nonEmpty = z.string().min(1);

/** One agency that this node works for, with credentials of its own: what one seat may read, another may not. */
const seatConfiguration = z.strictObject({
  agency: z.string().refine(isAgencyCode, 'an agency code as in G01 or G12.34'),
  kafka: kafkaConnection,
  registry: registrySettings,
  /** Databases that are captured, by the name that the agency's source documents use. */
  sources: z
    .record(
      nonEmpty,
      z.strictObject({
        url: postgresUrl,
        /** Where `url` leads to a standby (PostgreSQL 16 and later): the server that it follows. Watermarks and heartbeats are written there, and nothing else. */
        primaryUrl: postgresUrl.optional(),
        slot: nonEmpty,
        publication: nonEmpty,
      }),
    )
    .default({}),
  /** Databases that contracts are applied to, by the name that the contracts use. */
  targets: z.record(nonEmpty, z.strictObject({ url: postgresUrl })).default({}),
  /** Where this node keeps what it has to know of tables that have the codes of other tables' rows. What is lost there is a gap of those datasets. */
  dataDirectory: nonEmpty.optional(),
});
export type SeatConfiguration = z.infer<typeof seatConfiguration>;

export const agentConfiguration = z.strictObject({
  host: nonEmpty.default('127.0.0.1'),
  port: z.int().min(0).max(65535),
  seats: z.array(seatConfiguration).min(1),
  otlpEndpoint: z.url().nullable().default(null),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
});
export type AgentConfiguration = z.infer<typeof agentConfiguration>;
