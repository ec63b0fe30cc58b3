import { connect, createServer, type Server, type Socket } from 'node:net';
import type { BrokerAddress } from './kafka-connection.js';

/** A line to a broker that a test can cut and mend. */
export class TcpProxy {
  readonly #target: BrokerAddress;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #cut = false;
  #swallowing = false;

  constructor(target: BrokerAddress) {
    this.#target = target;
    this.#server = createServer((near) => this.#join(near));
  }

  async listen(): Promise<BrokerAddress> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
    return { host: '127.0.0.1', port: address.port };
  }

  /** Drops every connection; new ones are refused while `cut`. */
  drop({ cut = false } = {}): void {
    this.#cut = cut;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Answers of the broker are lost from now on: what is sent arrives, and nothing comes back. */
  swallowAnswers(): void {
    this.#swallowing = true;
  }

  mend(): void {
    this.#cut = false;
    this.#swallowing = false;
  }

  async close(): Promise<void> {
    this.drop({ cut: true });
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(near: Socket): void {
    if (this.#cut) {
      near.destroy();
      return;
    }
    const far = connect(this.#target.port, this.#target.host);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    near.on('data', (data) => far.write(data));
    far.on('data', (data) => {
      if (!this.#swallowing) near.write(data);
    });
  }
}
