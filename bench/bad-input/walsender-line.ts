import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

const copyData = 'd'.charCodeAt(0);
const walData = 'w'.charCodeAt(0);
/** Kind, two places of the log, and the server's clock. */
const walHeaderBytes = 25;

/** Makes other bytes of one message of pgoutput. */
export type MessageChange = (message: Buffer) => Buffer;

/** A line between an agent and the server of its source that can change what a walsender says: the next message of a kind, in every connection, until it is let be. */
export class WalsenderLine {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #harm: { readonly kind: string; readonly change: MessageChange } | null = null;

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  /** @param targetPort asked at each connection: the server need not run yet */
  static async listen(targetPort: () => number): Promise<WalsenderLine> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const line = new WalsenderLine(server);
    server.on('connection', (near) => line.#join(near, connect(targetPort(), '127.0.0.1')));
    return line;
  }

  /** @param kind of pgoutput: `U` an update, `R` a relation, `B` a begin; null lets everything be */
  harm(kind: string | null, change: MessageChange = (message) => message): void {
    this.#harm = kind === null ? null : { kind, change };
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(near: Socket, far: Socket): void {
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    }
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
    near.on('data', (bytes: Buffer) => far.write(bytes));
    let rest = Buffer.alloc(0);
    far.on('data', (bytes: Buffer) => {
      rest = Buffer.concat([rest, bytes]);
      // Every message of the server is a kind and a length; nobody asks for TLS here.
      for (let length = lengthOf(rest); length !== null && rest.length >= length; length = lengthOf(rest)) {
        near.write(this.#passed(rest.subarray(0, length)));
        rest = rest.subarray(length);
      }
    });
  }

  #passed(message: Buffer): Buffer {
    const harm = this.#harm;
    const start = 5 + walHeaderBytes;
    if (harm === null || message[0] !== copyData || message[5] !== walData) return message;
    if (message[start] !== harm.kind.charCodeAt(0)) return message;
    const changed = Buffer.concat([message.subarray(0, start), harm.change(message.subarray(start))]);
    changed.writeInt32BE(changed.length - 1, 1);
    return changed;
  }
}

/** Of the whole message, its kind included; null while that is not known. */
function lengthOf(bytes: Buffer): number | null {
  return bytes.length < 5 ? null : 1 + bytes.readInt32BE(1);
}
