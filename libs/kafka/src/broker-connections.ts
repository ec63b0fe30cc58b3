import { AuthenticationError, Connection, NetworkError, TimeoutError, type ConnectionOptions } from '@platformatic/kafka';
import { hasCode, messageOf, tlsError, tlsTroubleOf, TrucError } from '@truc/kernel';
import { connectionOptions, parseBrokerAddress, type BrokerAddress, type KafkaConnection } from './kafka-connection.js';

export interface BrokerConnectionsOptions {
  /** A request without an answer for so long closes its connection. Milliseconds. */
  readonly requestTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
  /** Where an advertised address is reached from here, when that differs: a tunnel, a port forward, a proxy. */
  readonly route?: ((advertised: BrokerAddress) => BrokerAddress) | undefined;
}

/** Connections by broker address, made when first asked for and made anew after they closed. One owner; every owner has its own. */
export class BrokerConnections {
  readonly username: string;
  readonly #connection: KafkaConnection;
  readonly #options: ConnectionOptions;
  readonly #seeds: readonly BrokerAddress[];
  readonly #route: (advertised: BrokerAddress) => BrokerAddress;
  readonly #open = new Map<string, Promise<Connection>>();
  #closed = false;

  constructor(connection: KafkaConnection, { requestTimeoutMs = 30_000, connectTimeoutMs = 10_000, route }: BrokerConnectionsOptions = {}) {
    this.username = connection.username;
    this.#connection = connection;
    this.#options = {
      requestTimeout: requestTimeoutMs,
      connectTimeout: connectTimeoutMs,
      maxInflights: 16,
    };
    this.#seeds = connection.brokers.map(parseBrokerAddress);
    this.#route = route ?? ((advertised) => advertised);
  }

  /** @throws TrucError LOG_AUTHENTICATION_FAILED, LOG_UNREACHABLE (retry), LOG_TLS_* (retry), LOG_PLAIN_TEXT */
  get(advertised: BrokerAddress): Promise<Connection> {
    return this.#get(this.#route(advertised));
  }

  /** The first broker that answers, of those that were connected before, then of the seeds. @throws TrucError of the last one that was tried */
  async any(): Promise<Connection> {
    let last: unknown = null;
    for (const open of [...this.#open.values()]) {
      const connection = await open.catch(() => null);
      if (connection?.isConnected()) return connection;
    }
    for (const seed of this.#seeds) {
      try {
        return await this.#get(seed);
      } catch (error) {
        if (hasCode(error, 'LOG_AUTHENTICATION_FAILED')) throw error;
        last = error;
      }
    }
    throw last;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const open = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(open.map((pending) => pending.then((connection) => connection.close()).catch(() => {})));
  }

  #get(address: BrokerAddress): Promise<Connection> {
    const key = `${address.host}:${address.port}`;
    const existing = this.#open.get(key);
    if (existing) return existing;
    if (this.#closed) return Promise.reject(new TrucError('LOG_CLOSED', `the connection to Kafka at ${key} was closed by its owner`));
    let connection: Connection;
    try {
      connection = this.#made(address);
    } catch (error) {
      return Promise.reject(error as Error);
    }
    const forget = () => {
      if (this.#open.get(key) === pending) this.#open.delete(key);
    };
    // A socket may report a second error after the first was handled; without a listener that would end the process.
    connection.on('error', forget);
    connection.on('close', forget);
    const pending = this.#connect(connection, address, key).catch((error: unknown) => {
      forget();
      throw error;
    });
    pending.catch(() => {});
    this.#open.set(key, pending);
    return pending;
  }

  /** Credentials and certificates are looked up here, so that new ones count from the next connection on. */
  #made(address: BrokerAddress): Connection {
    const { clientId = 'truc' } = this.#connection;
    return new Connection(clientId, { ...this.#options, ...connectionOptions(this.#connection, address) });
  }

  async #connect(connection: Connection, { host, port }: BrokerAddress, key: string): Promise<Connection> {
    try {
      await connection.connect(host, port);
      return connection;
    } catch (error) {
      void Promise.resolve(connection.close()).catch(() => {});
      if (isRefusedLogin(error)) {
        throw new TrucError(
          'LOG_AUTHENTICATION_FAILED',
          `Kafka at ${key} does not accept user ${this.username}: wrong password, unknown user, or the wrong SASL mechanism. Check the credentials of this process.`,
          { cause: error },
        );
      }
      const trouble = tlsTroubleOf(error);
      if (trouble !== null) throw tlsError('LOG', `Kafka at ${key}`, trouble, error);
      throw new TrucError('LOG_UNREACHABLE', `Kafka at ${key} cannot be reached: ${rootMessageOf(error)}`, { retry: true, cause: error });
    }
  }
}

/** True where the connection was lost or gave no answer: whether the request was carried out is not known. */
export function isConnectionLoss(error: unknown): boolean {
  return error instanceof NetworkError || error instanceof TimeoutError || (error instanceof TrucError && error.code === 'LOG_UNREACHABLE');
}

/** A login that was cut off on the way also comes as an authentication error, with the network error as its cause: that one is no refusal. */
function isRefusedLogin(error: unknown): boolean {
  let refused = false;
  let current: unknown = error;
  for (let depth = 0; current instanceof Error && depth < 8; depth++) {
    if (current instanceof AuthenticationError) refused = true;
    else if (refused && (current instanceof NetworkError || current instanceof TimeoutError)) return false;
    current = current.cause;
  }
  return refused;
}

function rootMessageOf(error: unknown): string {
  let current = error;
  while (current instanceof Error && current.cause instanceof Error) current = current.cause;
  return messageOf(current);
}
