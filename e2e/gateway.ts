import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The one address that stands before platform and registry, as an operator's proxy does: what begins with /registry/ is the registry's. */
export class Gateway {
  readonly #server: Server;
  readonly asked = new Set<string>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(platformPort: number, registryPort: number): Promise<Gateway> {
    const server = createServer((incoming, outgoing) => {
      const { url = '/', method, headers } = incoming;
      const isRegistry = url.startsWith('/registry/');
      gateway.asked.add(isRegistry ? 'registry' : 'platform');
      const path = isRegistry ? url.slice('/registry'.length) : url;
      const onwards = request({ host: '127.0.0.1', port: isRegistry ? registryPort : platformPort, path, method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      onwards.once('error', () => outgoing.writeHead(502).end());
      incoming.pipe(onwards);
    });
    const gateway = new Gateway(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return gateway;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
