import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Secret } from '@truc/kernel';
import { eventually, testPostgres, type TestPostgres } from '@truc/testing';
import { announceChange, ChangeFeed } from './change-feed.js';

describe('the feed of changes', () => {
  let database: TestPostgres;
  let feed: ChangeFeed;
  const stamped = () =>
    eventually(() => {
      const stamp = feed.stamp();
      if (stamp === null) throw new Error('nothing is known yet');
      return stamp;
    });
  const endConnections = () =>
    database.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '%changes'`,
    );

  beforeAll(async () => {
    database = await testPostgres();
  });
  afterAll(() => database.drop());
  beforeEach(() => {
    feed = new ChangeFeed(database.url);
  });
  afterEach(() => feed.close());

  it('knows nothing before it listens, and stays as it is while nothing changes', async () => {
    expect(feed.stamp()).toBeNull();
    const stamp = await stamped();
    await database.query('SELECT 1');
    expect(feed.stamp()).toBe(stamp);
  });

  it('tells of a change that anybody commits, and of none that is rolled back', async () => {
    const stamp = await stamped();
    await database.query('BEGIN; NOTIFY truc_registry_ids; ROLLBACK');
    await announceChange((sql) => database.query(sql));
    await eventually(() => expect(feed.stamp()).toBe(stamp + 1));
  });

  it('tells of a change of its own at once', async () => {
    const stamp = await stamped();
    feed.changed();
    expect(feed.stamp()).toBe(stamp + 1);
  });

  it('takes nothing for unchanged that it could not hear of', async () => {
    const stamp = await stamped();
    await endConnections();
    await eventually(() => expect(feed.stamp()).toBeNull());
    expect(await stamped()).toBeGreaterThan(stamp);
  });

  it('knows nothing after it is closed', async () => {
    await stamped();
    await feed.close();
    expect(feed.stamp()).toBeNull();
  });

  it('takes a new password when it opens again', async () => {
    await database.query(`CREATE ROLE feed LOGIN PASSWORD 'one'`);
    try {
      let password = 'one';
      const url = new URL(database.url);
      url.username = 'feed';
      const secret = (): string => Object.assign(url, { password }).href;
      await feed.close();
      feed = new ChangeFeed(new Secret(secret(), secret));
      await stamped();
      await database.query(`ALTER ROLE feed PASSWORD 'two'`);
      password = 'two';
      await endConnections();
      await eventually(() => expect(feed.stamp()).toBeNull());
      await stamped();
    } finally {
      await feed.close();
      await database.query('DROP ROLE feed');
    }
  });
});

describe('the line of the feed', () => {
  let server: Server;
  const sockets = new Set<Socket>();
  const first: Buffer[] = [];
  const urlOn = (host: string): string => `postgres://me:secret@${host}:${(server.address() as AddressInfo).port}/x`;

  beforeEach(async () => {
    first.length = 0;
    sockets.clear();
    // It takes connections, and says nothing.
    server = createServer({ allowHalfOpen: true }, (socket) => {
      sockets.add(socket);
      socket.once('data', (bytes: Buffer) => first.push(bytes));
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => server.listen(0, '::ffff:127.0.0.1', resolve));
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  it.each([
    // A request for TLS, and nothing else.
    ['[::ffff:127.0.0.1]', 'asks for TLS, as outside of this machine, and names nobody before', '0000000804d2162f'],
    ['127.0.0.1', 'is plain to this very machine', null],
  ])('to %s %s', async (host, _, request) => {
    const feed = new ChangeFeed(urlOn(host));
    await eventually(() => expect(first).toHaveLength(1));
    if (request === null) expect(first[0]?.toString('latin1')).toContain('truc-schema-registry-changes');
    else expect(first[0]?.toString('hex')).toBe(request);
    await feed.close();
  });

  it('is let go of though the server never does', async () => {
    const feed = new ChangeFeed(urlOn('127.0.0.1'));
    await eventually(() => expect(first).toHaveLength(1));
    const [socket] = sockets;
    const gone = new Promise((resolve) => socket?.once('close', resolve));
    await feed.close();
    socket?.resume().end();
    await gone;
    expect(feed.stamp()).toBeNull();
  });
});
