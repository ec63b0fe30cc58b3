import { kafkaConnection, type KafkaConnection } from '@truc/kafka';
import { isAgencyCode, reveal, secretText } from '@truc/kernel';
import { z } from 'zod';

const nonEmpty = z.string().min(1);

/** One agency that this node works for, with credentials of its own: what one seat may read, another may not. */
const seatConfiguration = z.strictObject({
  agency: z.string().refine(isAgencyCode, 'an agency code as in G01 or G12.34'),
  kafka: kafkaConnection.extend({ password: secretText }),
  registry: z.strictObject({ url: z.url(), principal: nonEmpty, token: secretText }),
  /** Databases that are captured, by the name that the agency's source documents use. */
  sources: z.record(nonEmpty, z.strictObject({ url: secretText, slot: nonEmpty, publication: nonEmpty })).default({}),
  /** Databases that contracts are applied to, by the name that the contracts use. */
  targets: z.record(nonEmpty, z.strictObject({ url: secretText })).default({}),
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

export function connectionOf(seat: SeatConfiguration): KafkaConnection {
  return { ...seat.kafka, password: reveal(seat.kafka.password) };
}
