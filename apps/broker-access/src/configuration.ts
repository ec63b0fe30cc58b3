import { brokerPrincipals } from '@truc/access';
import { kafkaConnection } from '@truc/kafka';
import { z } from 'zod';

const nonEmpty = z.string().min(1);
const daySeconds = 24 * 60 * 60;
const { agent: _, ...services } = brokerPrincipals;
const isOurs = (principal: string): boolean => principal.startsWith('agent.') || (Object.values(services) as string[]).includes(principal);

export const brokerAccessConfiguration = z.strictObject({
  host: nonEmpty.default('127.0.0.1'),
  /** Of health and metrics; 0 takes any free one. */
  port: z.int().min(0).max(65535),
  kafka: kafkaConnection,
  /** How long the platform may be silent before nobody reads by a contract any more. It gives a sign of life every minute (its `heartbeatSeconds`). */
  policyAgeSecondsMax: z.int().positive().default(daySeconds),
  /** How often the brokers are looked at for what somebody else changed there. */
  lookSeconds: z.int().min(1).max(3600).default(15),
  /** Users of the brokers whose permissions somebody else looks after, without Kafka's `User:`. Of everybody else, what the policy does not call for is withdrawn. */
  spare: z
    .array(nonEmpty.refine((principal) => !isOurs(principal), { message: 'a principal of the backbone cannot be spared' }))
    .default([]),
  /** Files that brokers on this machine write their authorizer's log to (`kafka.authorizer.logger`, INFO): what they refused is counted and told. */
  authorizerLogs: z.array(nonEmpty).default([]),
  otlpEndpoint: z.url().nullable().default(null),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

export type BrokerAccessConfiguration = z.infer<typeof brokerAccessConfiguration>;
