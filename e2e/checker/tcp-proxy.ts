import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { TrucError } from '@truc/kernel';
import { ProxiedConnection } from './proxied-connection.js';

/**
 * What a line does. `open` passes bytes; `cut` resets every connection and refuses new ones at once, as a machine does that is up while its service is not;
 * `black-hole` takes connections and bytes and passes nothing, as a network does that drops packets: nobody is told.
 */
export type LineState = 'open' | 'cut' | 'black-hole';

export interface LineConditions {
  readonly state: LineState;
  /** How long each byte is under way in each direction, in milliseconds. */
  readonly delayMs: number;
  /** Of each direction of each connection; null: as fast as it goes. */
  readonly bytesPerSecond: number | null;
}

export const clearLine: LineConditions = { state: 'open', delayMs: 0, bytesPerSecond: null };

/**
 * A line between clients and one TCP server of 127.0.0.1 that can be cut, silenced, delayed and narrowed while it is in use. A slow reader slows its sender down,
 * as it does without us: what is under way in a connection is bounded.
 */
export class TcpProxy {
  readonly name: string;
  readonly #targetPort: number;
  readonly #server: Server;
  readonly #connections = new Set<ProxiedConnection>();
  #conditions: LineConditions = clearLine;

  private constructor(name: string, targetPort: number) {
    this.name = name;
    this.#targetPort = targetPort;
    // Half-closed connections stay so: the far side may still have something to say.
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (near) => this.#join(near));
  }

  /**
   * Listens on 127.0.0.1. The server behind it need not be there yet.
   * @param port 0 for any free one
   * @throws TrucError CHECKER_PORT_BUSY
   */
  static async listen(name: string, port: number, targetPort: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(name, targetPort);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', (error: NodeJS.ErrnoException) => reject(error.code === 'EADDRINUSE' ? portBusy(name, port) : error));
      proxy.#server.listen(port, '127.0.0.1', resolve);
    });
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get conditions(): LineConditions {
    return this.#conditions;
  }

  /** Connections that are open now. */
  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Changes what is named and leaves the rest; open connections change with it. What a black hole swallowed is not passed on when it ends: its connections are reset then. */
  set(change: Partial<LineConditions>): void {
    const wasBlackHole = this.#conditions.state === 'black-hole';
    this.#conditions = { ...this.#conditions, ...change };
    const { state } = this.#conditions;
    const ends = state === 'cut' || (wasBlackHole && state !== 'black-hole');
    for (const connection of this.#connections) {
      if (ends) connection.reset();
      else connection.set(this.#conditions);
    }
  }

  /** The line is as good as new. */
  mend(): void {
    this.set(clearLine);
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) connection.reset();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #join(near: Socket): void {
    near.on('error', () => undefined);
    if (this.#conditions.state === 'cut') {
      near.resetAndDestroy();
      return;
    }
    // In a black hole not even the far side's greeting may come back, nor its refusal.
    const far =
      this.#conditions.state === 'black-hole' ? null : connect({ port: this.#targetPort, host: '127.0.0.1', allowHalfOpen: true });
    const connection = new ProxiedConnection(near, far, this.#conditions, () => this.#connections.delete(connection));
    this.#connections.add(connection);
  }
}

function portBusy(name: string, port: number): TrucError {
  return new TrucError(
    'CHECKER_PORT_BUSY',
    `port ${port}, which the line to ${name} needs, is taken by another program: end that, or choose other ports with --port-base`,
  );
}
