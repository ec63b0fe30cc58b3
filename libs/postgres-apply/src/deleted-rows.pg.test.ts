import type { TargetBatch, TargetChange, TargetTable } from '@truc/pipeline';
import { testPostgres, type TestPostgres } from '@truc/testing';
import { PostgresTarget } from './postgres-target.js';

const DAY_MS = 24 * 3_600_000;
const table: TargetTable = { schema: 'data', name: 'person', columns: [{ name: 'n', type: { kind: 'integer' } }] };

describe('deleted rows', () => {
  let db: TestPostgres;
  let target: PostgresTarget;
  let nowMs = Date.UTC(2026, 0, 1);
  let offset = 0n;

  async function apply(changes: readonly TargetChange[]): Promise<unknown> {
    const batch: TargetBatch = { topic: 't', partition: 0, fetchedFrom: offset, nextOffset: offset + 1n, table, changes };
    const result = await target.apply([batch]);
    offset += 1n;
    return result;
  }

  const change = (kind: 'upsert' | 'delete', code: string, sequence: bigint): TargetChange => ({
    ...{ key: { scheme: 's', code, row: '' }, position: { epoch: 1, sequence, index: 0 } },
    ...(kind === 'upsert' ? { kind, row: { n: 1 } } : { kind }),
  });

  async function kept(): Promise<unknown[]> {
    return (await db.query<{ code: string }>('SELECT code FROM truc.deleted_rows ORDER BY 1')).rows.map(({ code }) => code);
  }

  beforeEach(async () => {
    db = await testPostgres();
    offset = 0n;
    const limits = { pruneRowsMax: 10 };
    target = new PostgresTarget({ connectionString: db.url, consumer: 'c', clock: { now: () => nowMs }, limits });
    await target.take([{ topic: 't', partition: 0 }]);
  });

  afterEach(async () => {
    await target.close();
    await db.drop();
  });

  it('keeps a deleted row’s position for 45 days, whatever older arrives, and forgets it when the row is made anew', async () => {
    await apply([change('upsert', 'a', 1n), change('delete', 'a', 5n), change('delete', 'b', 5n), change('delete', 'c', 5n)]);
    nowMs += 44 * DAY_MS;
    expect(await apply([change('upsert', 'a', 4n), change('upsert', 'b', 5n), change('delete', 'c', 5n)])).toMatchObject({
      applied: 0,
      refused: 3,
    });
    expect(await apply([change('upsert', 'b', 6n)])).toMatchObject({ applied: 1 });
    expect(await kept()).toEqual(['a', 'c']);
    // A second delete is a new one, and counts from its own day.
    await apply([change('delete', 'c', 7n)]);
    nowMs += 2 * DAY_MS;
    await apply([]);
    expect(await kept()).toEqual(['c']);
  });

  it('forgets a bounded number at a time', async () => {
    await apply(Array.from({ length: 25 }, (_, index) => change('delete', String(index), 1n)));
    nowMs += 46 * DAY_MS;
    const counts: number[] = [];
    for (let turn = 0; turn < 4; turn += 1) {
      await apply([]);
      counts.push((await kept()).length);
    }
    expect(counts).toEqual([15, 5, 0, 0]);
  });
});
