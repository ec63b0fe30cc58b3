import { kafkaConnection, type KafkaConnection } from '@truc/kafka';
import { loadConfiguration, TrucError } from '@truc/kernel';
import { z } from 'zod';

/** Of the configuration of an agency's node: who its agents are at the brokers. */
const nodeConfiguration = z.looseObject({
  seats: z.array(z.looseObject({ agency: z.string(), kafka: kafkaConnection })).min(1),
});

/**
 * How an agency comes to the brokers as itself, by its own node's configuration.
 * @throws TrucError EXPORT_SEAT_UNKNOWN, CONFIGURATION_UNREADABLE, CONFIGURATION_INVALID
 */
export function agencyBroker(path: string, agency: string, environment: Record<string, string | undefined>): KafkaConnection {
  const { seats } = loadConfiguration(nodeConfiguration, path, environment);
  const seat = seats.find((one) => one.agency === agency);
  if (seat === undefined)
    throw new TrucError('EXPORT_SEAT_UNKNOWN', `${path} has no seat of ${agency}; it has ${seats.map((one) => one.agency).join(', ')}`);
  return { ...seat.kafka, clientId: 'truc-quarantine-export' };
}
