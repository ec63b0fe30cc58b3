import pg from 'pg';
import { testPostgres } from './test-postgres.js';

describe('a test database', () => {
  it('is fresh, ready for logical replication, and gone after drop with its slots', async () => {
    const [a, b] = await Promise.all([testPostgres(), testPostgres()]);
    expect(a.database).not.toBe(b.database);
    await a.query('create table person (id int primary key)');
    await expect(b.query('select * from person')).rejects.toThrow(/does not exist/);
    expect((await a.query(`show wal_level`)).rows).toEqual([{ wal_level: 'logical' }]);
    await a.query(`select pg_create_logical_replication_slot($1, 'pgoutput')`, [`${a.database}_slot`]);
    await a.drop();
    expect((await b.query('select 1 from pg_replication_slots where database = $1', [a.database])).rows).toEqual([]);
    expect((await b.query('select 1 from pg_database where datname = $1', [a.database])).rows).toEqual([]);
    await b.drop();
  });

  it('is refused without the password', async () => {
    const db = await testPostgres();
    const address = new URL(db.url);
    address.password = 'wrong';
    const client = new pg.Client({ connectionString: address.toString() });
    await expect(client.connect()).rejects.toThrow(expect.objectContaining({ code: '28P01' }));
    await db.drop();
  });
});
