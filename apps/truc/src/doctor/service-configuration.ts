import { kafkaConnection, type KafkaConnection } from '@truc/kafka';
import { httpLine, loadConfiguration, reveal, secretText, type HttpLine } from '@truc/kernel';
import { z } from 'zod';

const text = z.string().min(1);
const registry = z.looseObject({ url: z.url(), principal: text, token: secretText, ...httpLine });

/** Of any service's configuration what tells whom it talks to; each app judges all of its own. */
const configuration = z.looseObject({
  port: z.int().optional(),
  kafka: kafkaConnection.nullish(),
  registry: registry.optional(),
  databaseUrl: secretText.optional(),
  seats: z
    .array(
      z.looseObject({
        agency: text,
        kafka: kafkaConnection,
        registry,
        sources: z.record(text, z.looseObject({ url: secretText, slot: text, publication: text })).default({}),
        targets: z.record(text, z.looseObject({ url: secretText })).default({}),
      }),
    )
    .default([]),
});

/** Whom a process talks to, by what it is called in messages. */
export interface Counterparts {
  readonly port: number | null;
  readonly brokers: readonly { readonly name: string; readonly connection: KafkaConnection }[];
  readonly registries: readonly { readonly url: string; readonly principal: string; readonly token: string; readonly line: HttpLine }[];
  readonly sources: readonly { readonly name: string; readonly url: string; readonly slot: string; readonly publication: string }[];
  readonly databases: readonly { readonly name: string; readonly url: string }[];
}

/** @throws TrucError CONFIGURATION_UNREADABLE, CONFIGURATION_INVALID */
export function counterparts(file: string, environment: Readonly<Record<string, string | undefined>>): Counterparts {
  const { port = null, kafka: own, registry: itsRegistry, databaseUrl, seats } = loadConfiguration(configuration, file, environment);
  const connections = [...(own ? [own] : []), ...seats.map((seat) => seat.kafka)];
  const registries = [...(itsRegistry ? [itsRegistry] : []), ...seats.map((seat) => seat.registry)];
  return {
    port,
    brokers: connections.map((each) => ({ name: each.username, connection: each })),
    registries: registries.map(({ url, principal, token, caFile, onOneMachine }) => ({
      url,
      principal,
      token: reveal(token),
      line: { caFile, onOneMachine },
    })),
    sources: seats.flatMap(({ agency, sources }) =>
      Object.entries(sources).map(([name, { url, slot, publication }]) => ({
        name: `${agency}/${name}`,
        url: reveal(url),
        slot,
        publication,
      })),
    ),
    databases: [
      ...(databaseUrl ? [{ name: 'database', url: reveal(databaseUrl) }] : []),
      ...seats.flatMap(({ agency, targets }) =>
        Object.entries(targets).map(([name, { url }]) => ({ name: `${agency}/${name}`, url: reveal(url) })),
      ),
    ],
  };
}
