import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands before a registry and hands requests on, up to a number of them; then it hangs up on everybody, as if whoever asks had been killed between two requests. */
export class CuttingProxy {
  asked = 0;
  #left = Infinity;
  readonly #server: Server;

  private constructor(target: string) {
    this.#server = createServer((incoming, outgoing) => {
      if (this.#left <= 0) {
        incoming.socket.destroy();
        return;
      }
      this.#left -= 1;
      this.asked += 1;
      const onward = request(`${target}${incoming.url}`, { method: incoming.method, headers: incoming.headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(outgoing);
      });
      incoming.pipe(onward.on('error', () => outgoing.destroy()));
    });
  }

  static async before(target: string): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Hangs up after so many more requests. */
  cutAfter(requests: number): void {
    this.#left = requests;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
