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
});
