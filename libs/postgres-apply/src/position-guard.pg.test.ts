import fc from 'fast-check';
import { comparePositions, positionToBytes, systemClock, type Position } from '@truc/kernel';
import type { ApplyResult, TargetBatch, TargetChange, TargetTable } from '@truc/pipeline';
import { testPostgres, type TestPostgres } from '@truc/testing';
import { PostgresTarget } from './postgres-target.js';
import { readTable } from './table-fingerprint.js';

const table: TargetTable = {
  schema: 'population',
  name: 'resident',
  columns: [
    { name: 'full_name', type: { kind: 'text' } },
    { name: 'version', type: { kind: 'bigint' } },
  ],
};
/** As an older schema knows the table: what it writes has no version. */
const narrower: TargetTable = { ...table, columns: table.columns.slice(0, 1) };

interface Arrival {
  readonly change: TargetChange;
  readonly table: TargetTable;
}

/** What applying change after change must come to. */
class Model {
  readonly stored = new Map<string, Arrival>();

  apply(arrivals: readonly Arrival[]): { applied: number; refused: number } {
    let applied = 0;
    for (const arrival of arrivals) {
      const name = JSON.stringify(arrival.change.key);
      const before = this.stored.get(name);
      if (before !== undefined && comparePositions(arrival.change.position, before.change.position) <= 0) continue;
      this.stored.set(name, arrival);
      applied += 1;
    }
    return { applied, refused: arrivals.length - applied };
  }

  rows(): string[] {
    return [...this.stored.values()]
      .flatMap(({ change, table: { columns } }) =>
        change.kind === 'delete'
          ? []
          : [
              shown(change.key, change.position, {
                full_name: change.row['full_name'],
                version: columns.length > 1 ? change.row['version'] : null,
              }),
            ],
      )
      .sort();
  }

  deleted(): string[] {
    return [...this.stored.values()]
      .flatMap(({ change }) =>
        change.kind === 'delete' ? [`${JSON.stringify(change.key)} ${positionToBytes(change.position).toString('hex')}`] : [],
      )
      .sort();
  }
}

function shown(...parts: unknown[]): string {
  return JSON.stringify(parts, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}

const positions: fc.Arbitrary<Position> = fc.record({
  epoch: fc.integer({ min: 1, max: 2 }),
  sequence: fc.bigInt({ min: 0n, max: 4n }),
  index: fc.nat(2),
});

/** Histories in which one position always means one change, as in a log. */
const histories: fc.Arbitrary<Arrival[]> = fc
  .uniqueArray(fc.tuple(fc.constantFrom('001', '002', 'Đ"\\\t'), positions, fc.boolean(), fc.boolean()), {
    selector: ([code, position]) => shown(code, position),
    minLength: 1,
    maxLength: 25,
  })
  .map((items) =>
    items.map(([code, position, isDelete, isNarrow]) => {
      const key = { scheme: 'person', code, row: '' };
      const text = `${code} ${position.epoch}/${position.sequence}/${position.index}`;
      return {
        table: isNarrow ? narrower : table,
        change: isDelete
          ? { kind: 'delete', key, position }
          : { kind: 'upsert', key, position, row: { full_name: text, version: position.sequence } },
      };
    }),
  );

describe('position guard', () => {
  let db: TestPostgres;
  let target: PostgresTarget;
  let offset = 0n;

  /** Cuts into batches of equal shape, all of them in one call. */
  async function apply(arrivals: readonly Arrival[]): Promise<ApplyResult> {
    const cut: { table: TargetTable; changes: TargetChange[] }[] = [];
    for (const arrival of arrivals) {
      const last = cut.at(-1);
      if (last?.table === arrival.table) last.changes.push(arrival.change);
      else cut.push({ table: arrival.table, changes: [arrival.change] });
    }
    let next = offset;
    const joined = cut.map((batch) => {
      const fetchedFrom = next;
      next += BigInt(batch.changes.length);
      return { topic: 'data.g01.population.resident.v1', partition: 0, fetchedFrom, nextOffset: next, ...batch };
    });
    const result = await target.apply(joined);
    offset = next;
    return result;
  }

  async function state(): Promise<{ rows: string[]; deleted: string[] }> {
    const rows: string[] = [];
    for await (const { key, position, row } of readTable({ connectionString: db.url, table })) rows.push(shown(key, position, row));
    const deleted = await db.query<{ scheme: string; code: string; row: string; position: Buffer }>('SELECT * FROM truc.deleted_rows');
    return {
      rows: rows.sort(),
      deleted: deleted.rows
        .map(({ scheme, code, row, position }) => `${JSON.stringify({ scheme, code, row })} ${position.toString('hex')}`)
        .sort(),
    };
  }

  beforeAll(async () => {
    db = await testPostgres();
    target = new PostgresTarget({ connectionString: db.url, consumer: 'guard', clock: systemClock });
    const [taken] = await target.take([{ topic: 'data.g01.population.resident.v1', partition: 0 }]);
    expect(taken?.offset).toBe(-2n);
    await apply([
      { table, change: { kind: 'delete', key: { scheme: 's', code: 'c', row: '' }, position: { epoch: 1, sequence: 1n, index: 0 } } },
    ]);
  });

  afterAll(async () => {
    await target.close();
    await db.drop();
  });

  it('ends in the same state whatever the order, the duplicates and the cuts, and counts exactly', async () => {
    const deliveries = histories
      .chain((history) => fc.tuple(fc.constant(history), fc.array(fc.constantFrom(...history), { maxLength: 15 })))
      .chain(([history, repeated]) =>
        fc.record({
          history: fc.constant(history),
          delivery: fc.shuffledSubarray([...history, ...repeated], { minLength: history.length + repeated.length }),
          cuts: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 }),
        }),
      );
    await fc.assert(
      fc.asyncProperty(deliveries, async ({ history, delivery, cuts }) => {
        await db.query('TRUNCATE population.resident, truc.deleted_rows');
        const model = new Model();
        for (let at = 0, turn = 0; at < delivery.length; turn += 1) {
          const piece = delivery.slice(at, at + (cuts[turn % cuts.length] ?? 1));
          expect(await apply(piece)).toEqual({ ...model.apply(piece), rejected: [] });
          at += piece.length;
        }
        const inOrder = new Model();
        inOrder.apply(history);
        expect(await state()).toEqual({ rows: inOrder.rows(), deleted: inOrder.deleted() });
      }),
      { numRuns: 60 },
    );
  });

  it('changes nothing when everything is replayed', async () => {
    await db.query('TRUNCATE population.resident, truc.deleted_rows');
    const sample = fc.sample(histories, { numRuns: 20, seed: 7 }).flat();
    await apply(sample);
    const before = await state();
    const { rows: stamps } = await db.query('SELECT ctid, truc_applied_at FROM population.resident ORDER BY ctid');
    const { applied, refused } = await apply(sample);
    expect({ applied, refused }).toEqual({ applied: 0, refused: sample.length });
    expect(await state()).toEqual(before);
    expect((await db.query('SELECT ctid, truc_applied_at FROM population.resident ORDER BY ctid')).rows).toEqual(stamps);
  });

  it('applies 100,000 changes in one call, and refuses them the second time', async () => {
    const many: Arrival[] = Array.from({ length: 100_000 }, (_, index) => ({
      table,
      change: {
        kind: 'upsert',
        key: { scheme: 'person', code: String(index).padStart(12, '0'), row: '' },
        position: { epoch: 3, sequence: BigInt(index), index: 0 },
        row: { full_name: `Nguyễn Văn ${index}`, version: BigInt(index) },
      },
    }));
    expect(await apply(many)).toEqual({ applied: 100_000, refused: 0, rejected: [] });
    expect(await apply(many)).toEqual({ applied: 0, refused: 100_000, rejected: [] });
  });
});

describe('two consumers of one table', () => {
  let db: TestPostgres;
  const open: PostgresTarget[] = [];

  beforeEach(async () => {
    db = await testPostgres();
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map((target) => target.close()));
    await db.drop();
  });

  it('never let a deleted row come back, whoever is first', async () => {
    const one = new PostgresTarget({ connectionString: db.url, consumer: 'one', clock: systemClock });
    const two = new PostgresTarget({ connectionString: db.url, consumer: 'two', clock: systemClock });
    open.push(one, two);
    const key = { scheme: 'person', code: '001', row: '' };
    const batch = (from: bigint, changes: TargetChange[]): TargetBatch => ({
      topic: 't',
      partition: 0,
      fetchedFrom: from,
      nextOffset: from + 1n,
      table,
      changes,
    });
    const at = (sequence: bigint): Position => ({ epoch: 1, sequence, index: 0 });
    await one.take([{ topic: 't', partition: 0 }]);
    await two.take([{ topic: 't', partition: 0 }]);
    for (let round = 0n; round < 40n; round += 1n) {
      const row = { full_name: 'x', version: round };
      const base = round * 10n;
      await one.apply([batch(base, [{ kind: 'upsert', key, position: at(base + 1n), row }])]);
      await Promise.all([
        one.apply([batch(base + 1n, [{ kind: 'delete', key, position: at(base + 5n) }])]),
        two.apply([batch(base, [{ kind: 'upsert', key, position: at(base + 3n), row }])]),
      ]);
      expect((await db.query('SELECT * FROM population.resident')).rows).toEqual([]);
      await db.query('UPDATE truc.offsets SET next_offset = $1', [String(base + 10n)]);
    }
  });
});
