import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@truc/testing';
import { TcpProxy } from './tcp-proxy.js';

describe('a line between a client and a server', () => {
  let server: Server;
  let proxy: TcpProxy;
  let accepted: Socket[];
  let clients: Socket[];
  /** What the server does with a connection; by default it sends back what it hears. */
  let serve: (socket: Socket) => void;

  beforeEach(async () => {
    accepted = [];
    clients = [];
    serve = (socket) => socket.pipe(socket);
    server = createServer({ allowHalfOpen: true }, (socket) => {
      accepted.push(socket);
      socket.on('error', () => undefined);
      serve(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    proxy = await TcpProxy.listen('echo', 0, (server.address() as AddressInfo).port);
  });

  afterEach(async () => {
    for (const socket of [...clients, ...accepted]) socket.destroy();
    await proxy.close();
    await new Promise((resolve) => server.close(resolve));
  });

  async function client(): Promise<Socket> {
    const socket = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => undefined);
    clients.push(socket);
    await once(socket, 'connect');
    return socket;
  }

  async function echo(socket: Socket, text: string): Promise<string> {
    socket.write(text);
    const [heard] = (await once(socket, 'data')) as [Buffer];
    return heard.toString();
  }

  const ended = (socket: Socket): Promise<void> =>
    socket.closed ? Promise.resolve() : new Promise((resolve) => socket.once('close', () => resolve()));

  it('passes bytes and the end of a stream in both directions', async () => {
    const socket = await client();
    expect(await echo(socket, 'xin chào')).toBe('xin chào');
    socket.end();
    await ended(socket);
    await eventually(() => proxy.connectionCount === 0);
  });

  it('carries what is still under way after one side has said its last', async () => {
    serve = (socket) => socket.once('end', () => socket.end('answer')).resume();
    const socket = await client();
    socket.end('question');
    const [heard] = (await once(socket, 'data')) as [Buffer];
    expect(heard.toString()).toBe('answer');
  });

  it('resets every connection when it is cut, refuses new ones, and takes them again when it is mended', async () => {
    const socket = await client();
    await echo(socket, 'before');
    proxy.set({ state: 'cut' });
    await ended(socket);
    const refused = connect(proxy.port, '127.0.0.1');
    refused.on('error', () => undefined);
    await ended(refused);
    expect(accepted).toHaveLength(1);
    proxy.mend();
    expect(await echo(await client(), 'after')).toBe('after');
  });

  it('takes connections and bytes and passes nothing as a black hole; what it swallowed never arrives later', async () => {
    const heard: string[] = [];
    serve = (socket) => socket.on('data', (bytes: Buffer) => heard.push(bytes.toString()));
    const before = await client();
    before.write('before');
    await eventually(() => heard.length === 1);
    proxy.set({ state: 'black-hole' });
    before.write('lost');
    const during = await client();
    during.write('lost as well');
    await eventually(() => before.bytesWritten > 6 && during.bytesWritten > 0);
    proxy.mend();
    await Promise.all([ended(before), ended(during)]);
    const after = await client();
    after.write('after');
    await eventually(() => heard.length > 1);
    expect(heard).toEqual(['before', 'after']);
  });

  it('delays and narrows: no byte comes before its time, and none changes its place', async () => {
    const socket = await client();
    proxy.set({ delayMs: 60 });
    const began = performance.now();
    expect(await echo(socket, 'slow')).toBe('slow');
    // Lower bounds only: a busy machine makes it later, nothing makes it earlier.
    expect(performance.now() - began).toBeGreaterThanOrEqual(119);
    proxy.set({ delayMs: 0, bytesPerSecond: 400_000 });
    const sent = Buffer.from(Array.from({ length: 40_000 }, (_, index) => index % 251));
    const narrowBegan = performance.now();
    const parts: Buffer[] = [];
    socket.on('data', (bytes: Buffer) => parts.push(bytes));
    socket.write(sent);
    await eventually(() => Buffer.concat(parts).length === sent.length);
    expect(Buffer.concat(parts).equals(sent)).toBe(true);
    expect(performance.now() - narrowBegan).toBeGreaterThanOrEqual(99);
  });

  it('keeps the back-pressure of a reader that does not read, and loses nothing of what waited', async () => {
    serve = (socket) => socket.pause();
    const socket = await client();
    await eventually(() => accepted.length === 1);
    const total = 48 * 1024 * 1024;
    socket.write(Buffer.alloc(total, 7));
    let waiting = -1;
    while (waiting !== socket.writableLength) {
      waiting = socket.writableLength;
      await sleep(150);
    }
    expect(waiting).toBeGreaterThan(0);
    let received = 0;
    accepted[0]?.on('data', (bytes: Buffer) => (received += bytes.length)).resume();
    await eventually(() => received === total);
  });

  it('resets the client when the server is not there', async () => {
    const [nobody] = [createServer()];
    await new Promise<void>((resolve) => nobody.listen(0, '127.0.0.1', resolve));
    const { port } = nobody.address() as AddressInfo;
    await new Promise((resolve) => nobody.close(resolve));
    const line = await TcpProxy.listen('nobody', 0, port);
    const socket = connect(line.port, '127.0.0.1');
    socket.on('error', () => undefined);
    await ended(socket);
    await line.close();
  });

  it('says which port is taken and what to do', async () => {
    const line = await TcpProxy.listen('first', 0, 1);
    await expect(TcpProxy.listen('second', line.port, 1)).rejects.toMatchObject({
      code: 'CHECKER_PORT_BUSY',
      message: expect.stringContaining(`port ${line.port}, which the line to second needs`) as string,
    });
    await line.close();
  });
});
