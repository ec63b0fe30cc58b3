import { testPostgres, type TestPostgres } from '@truc/testing';
import { createWorld, loadSources, runLife, runMerger, type LifeEvent } from './index.js';

const seed = 5;
const world = createWorld({ seed, residents: 600 });
const tables = ['dancu.cong_dan', 'dancu.ho_gia_dinh', 'dancu.thanh_vien_ho', 'dancu.tham_so'];

let databases: TestPostgres[] = [];

beforeAll(async () => {
  databases = [await testPostgres(), await testPostgres(), await testPostgres()];
});
afterAll(async () => {
  for (const database of databases) await database.drop();
});

async function contents(database: TestPostgres): Promise<string[]> {
  const digests: string[] = [];
  for (const table of tables) {
    const result = await database.query<{ digest: string }>(
      `SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) AS digest FROM ${table} t`,
    );
    digests.push(result.rows[0]?.digest ?? '');
  }
  return digests;
}

describe('a life', () => {
  it('is the same in two databases, whether it was interrupted or not', async () => {
    const [one, other, units] = databases;
    if (!one || !other || !units) throw new Error('three databases are needed');
    await loadSources(world, { populationUrl: one.url, administrativeUrl: units.url });
    await loadSources(world, { populationUrl: other.url, administrativeUrl: other.url });
    expect(await contents(one)).toEqual(await contents(other));
    const start = await contents(one);
    const live = (database: TestPostgres, events: number) =>
      runLife(world, { populationUrl: database.url }, { seed, eventsPerSecond: Infinity, events });
    await live(one, 60);
    await live(other, 25);
    await live(other, 35);
    expect(await contents(one)).toEqual(await contents(other));
    expect(await contents(one)).not.toEqual(start);
  });

  it('takes turns with a merger that comes in between: no old commune has a new day', async () => {
    const [one, , units] = databases;
    if (!one || !units) throw new Error('two databases are needed');
    const stop = new AbortController();
    const happened: LifeEvent[] = [];
    const life = runLife(
      world,
      { populationUrl: one.url },
      { seed, eventsPerSecond: Infinity, signal: stop.signal, onEvent: (event) => happened.push(event) },
    );
    await runMerger(world, { populationUrl: one.url, administrativeUrl: units.url });
    const merged = happened.length;
    while (happened.length < merged + 20) await new Promise((resolve) => setTimeout(resolve, 10));
    stop.abort();
    await life;
    const present = world.division.communesAfter.map(({ code }) => code);
    const wrong = await one.query(
      `SELECT FROM dancu.cong_dan WHERE cap_nhat_luc >= '2025-07-01 00:00+07' AND NOT ma_xa_thuong_tru = ANY ($1)`,
      [present],
    );
    expect(wrong.rowCount).toBe(0);
    const old = world.division.communesBefore.map(({ code }) => code);
    const left = await one.query(`SELECT FROM dancu.cong_dan WHERE cap_nhat_luc < '2025-07-01 00:00+07' AND ma_xa_thuong_tru = ANY ($1)`, [
      old,
    ]);
    expect(left.rowCount).toBe(0);
  });
});
