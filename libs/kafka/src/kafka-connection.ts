import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from '@platformatic/kafka';
import { messageOf, TrucError } from '@truc/kernel';
import { z } from 'zod';

const nonEmpty = z.string().min(1);

/** How a process reaches the brokers and who it is there. Nothing is open: a user and a password are always needed. */
export const kafkaConnection = z.strictObject({
  /** Where to begin, as `host:port`; the other brokers are learnt from these. */
  brokers: z.array(z.string().regex(/^[^\s:]+:[0-9]{1,5}$|^\[[0-9a-fA-F:]+\]:[0-9]{1,5}$/, 'host:port')).min(1),
  username: nonEmpty,
  password: nonEmpty,
  mechanism: z.enum(['SCRAM-SHA-256', 'SCRAM-SHA-512']),
  /** null or absent: plain TCP, for one machine and for tests. Files are PEM; `serverName` is for brokers that are reached by another name than their certificate's. */
  tls: z
    .strictObject({
      caFile: nonEmpty.optional(),
      certFile: nonEmpty.optional(),
      keyFile: nonEmpty.optional(),
      serverName: nonEmpty.optional(),
    })
    .nullish(),
  /** Shown in the brokers' logs and metrics. */
  clientId: nonEmpty.optional(),
});
export type KafkaConnection = z.infer<typeof kafkaConnection>;

/** Where a broker listens. */
export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
}

/** `[::1]:9092` and `host:9092` taken apart. */
export function parseBrokerAddress(text: string): BrokerAddress {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) };
}

/** The socket and SASL options of one connection. @throws TrucError LOG_TLS_FILE_UNREADABLE */
export function connectionOptions({ username, password, mechanism, tls }: KafkaConnection): ConnectionOptions {
  const sasl = { mechanism, username, password };
  if (!tls) return { sasl };
  const file = (path: string | undefined) => (path === undefined ? undefined : readPem(path));
  return {
    sasl,
    tls: { ca: file(tls.caFile), cert: file(tls.certFile), key: file(tls.keyFile) },
    tlsServerName: tls.serverName ?? true,
  };
}

function readPem(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new TrucError(
      'LOG_TLS_FILE_UNREADABLE',
      `the TLS file ${path} of the Kafka connection cannot be read: ${messageOf(cause)}; check the path and its permissions`,
      { cause },
    );
  }
}
