import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { ConnectionOptions } from '@platformatic/kafka';
import { messageOf, refusePlainText, reveal, secretText, TrucError } from '@truc/kernel';
import { z } from 'zod';

const nonEmpty = z.string().min(1);

/** How a process reaches the brokers and who it is there. Nothing is open: a user and a password are always needed, and TLS outside this machine. */
export const kafkaConnection = z
  .strictObject({
    /** Where to begin, as `host:port`; the other brokers are learnt from these. */
    brokers: z.array(z.string().regex(/^[^\s:]+:[0-9]{1,5}$|^\[[0-9a-fA-F:]+\]:[0-9]{1,5}$/, 'host:port')).min(1),
    username: nonEmpty,
    /** Looked up at each connection. */
    password: secretText,
    mechanism: z.enum(['SCRAM-SHA-256', 'SCRAM-SHA-512']),
    /**
     * null or absent: plain TCP, for brokers on this machine. `{}` is TLS by a public CA. Files are PEM and are read at each connection; `serverName` is for brokers that are reached by another name
     * than their certificate's.
     */
    tls: z
      .strictObject({
        caFile: nonEmpty.optional(),
        certFile: nonEmpty.optional(),
        keyFile: nonEmpty.optional(),
        serverName: nonEmpty.optional(),
      })
      .nullish(),
    /** Whoever sets this says that brokers of other names are on this machine too, in a network that leads nowhere: plain text goes there, and a warning says so. */
    onOneMachine: z.boolean().optional(),
    /** Shown in the brokers' logs and metrics. */
    clientId: nonEmpty.optional(),
  })
  .superRefine((connection, context) => {
    try {
      for (const broker of connection.brokers) refusePlainKafka(connection, parseBrokerAddress(broker));
    } catch (error) {
      context.addIssue({ code: 'custom', path: ['tls'], message: messageOf(error) });
    }
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

/** Of the seeds at the start, and of every broker that is learnt from them when it is connected to. @throws TrucError LOG_PLAIN_TEXT */
export function refusePlainKafka(
  { tls, onOneMachine = false }: Pick<KafkaConnection, 'tls' | 'onOneMachine'>,
  { host }: BrokerAddress,
): void {
  if (tls) return;
  refusePlainText(
    { host, onOneMachine },
    {
      code: 'LOG_PLAIN_TEXT',
      what: 'Kafka',
      cure: 'Name the port that speaks SASL_SSL and set tls of this connection: {"caFile": "ca.pem"} for a CA of your own, {} for a public one',
    },
  );
}

/** The socket and SASL options of one connection to a host. @throws TrucError LOG_TLS_FILE_UNREADABLE (retry), LOG_PLAIN_TEXT */
export function connectionOptions(connection: KafkaConnection, address: BrokerAddress): ConnectionOptions {
  const { username, password, mechanism, tls } = connection;
  refusePlainKafka(connection, address);
  // Asked for again where the brokers want a connection to log in anew.
  const sasl = { mechanism, username, password: () => reveal(password) };
  if (!tls) return { sasl };
  // A server name may not be an address (RFC 6066); the certificate is then held against the address itself.
  const serverName = tls.serverName ?? isIP(address.host) === 0;
  return { sasl, tls: { ...tlsFiles(tls), minVersion: 'TLSv1.2' }, tlsServerName: serverName };
}

/** CA, certificate and key, as far as they are named. @throws TrucError LOG_TLS_FILE_UNREADABLE (retry) */
export function tlsFiles({ caFile, certFile, keyFile }: NonNullable<KafkaConnection['tls']>): { ca?: Buffer; cert?: Buffer; key?: Buffer } {
  return {
    ...(caFile === undefined ? {} : { ca: readPem(caFile) }),
    ...(certFile === undefined ? {} : { cert: readPem(certFile) }),
    ...(keyFile === undefined ? {} : { key: readPem(keyFile) }),
  };
}

function readPem(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new TrucError(
      'LOG_TLS_FILE_UNREADABLE',
      `the TLS file ${path} of the Kafka connection cannot be read: ${messageOf(cause)}; check the path and its permissions`,
      { retry: true, cause },
    );
  }
}
