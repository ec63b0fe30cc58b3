import { createServer, type AddressInfo, type Server } from 'node:net';
import { WriterConnection } from './writer-connection.js';

describe('a writer’s connection', () => {
  let server: Server;
  beforeAll(async () => {
    server = createServer((socket) => socket.once('data', () => socket.destroy()));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => server.close());
  const url = (port: number) => `postgres://somebody:secret@127.0.0.1:${port}/database`;
  const failure = async (connection: WriterConnection): Promise<unknown> => {
    const error: unknown = await connection.open().catch((thrown: unknown) => thrown);
    expect(error).toHaveProperty('message');
    return error;
  };

  it('is lost where nobody listens, and where the other side hangs up', async () => {
    const hungUp = new WriterConnection(url((server.address() as AddressInfo).port));
    expect(await hungUp.isLostBy(await failure(hungUp))).toBe(true);
    const refused = new WriterConnection(url(1));
    expect(await refused.isLostBy(await failure(refused))).toBe(true);
  });

  it('is lost where it broke while nothing was asked of it', async () => {
    const connection = new WriterConnection(url(1));
    connection.client.emit('error', new Error('reset'));
    expect(await connection.isLostBy(new Error('not queryable'))).toBe(true);
  });

  it('is not lost by a mistake, whatever words tell of it', async () => {
    const connection = new WriterConnection(url(1));
    expect(await connection.isLostBy(new Error('a connection of two rows, after a timeout'))).toBe(false);
    expect(await connection.isLostBy(new TypeError('no'))).toBe(false);
  });
});
