import fc from 'fast-check';
import { comparePositions } from '@truc/kernel';
import type { TargetBatch, TargetChange, TargetTable } from '@truc/pipeline';
import { foldBatches, supersededPositions } from './batch-fold.js';

const table: TargetTable = { schema: 'data', name: 'person', columns: [{ name: 'n', type: { kind: 'integer' } }] };
const wider: TargetTable = { ...table, columns: [...table.columns, { name: 'm', type: { kind: 'integer' } }] };

function upsert(code: string, sequence: number, n: number | null = sequence): TargetChange {
  return {
    kind: 'upsert',
    key: { scheme: 's', code, row: '' },
    position: { epoch: 1, sequence: BigInt(sequence), index: 0 },
    row: { n, m: null },
  };
}

function batch(changes: readonly TargetChange[], of = table): TargetBatch {
  return { topic: 't', partition: 0, fetchedFrom: 0n, nextOffset: 1n, table: of, changes };
}

describe('batch fold', () => {
  it('keeps the highest position of every key, the first of equal ones', () => {
    const arrivals = fc.array(fc.record({ code: fc.constantFrom('a', 'b', 'c'), sequence: fc.nat(6) }), { minLength: 1 });
    fc.assert(
      fc.property(arrivals, (items) => {
        const changes = items.map(({ code, sequence }) => upsert(code, sequence));
        const [fold] = foldBatches([batch(changes)]).folds;
        expect(fold?.changeCount).toBe(changes.length);
        for (const history of fold?.histories ?? []) {
          const { code } = history.winner.change.key;
          const mine = changes.filter(({ key }) => key.code === code);
          const highest = mine.reduce((best, change) => (comparePositions(change.position, best.position) > 0 ? change : best));
          expect(history.winner.change).toBe(highest);
          const climbs = mine.filter((change, at) =>
            mine.slice(0, at).every((earlier) => comparePositions(change.position, earlier.position) > 0),
          );
          expect(supersededPositions(history)).toHaveLength(climbs.length - 1);
        }
      }),
    );
  });

  it('sets aside what the table cannot hold, with the column and without the value', () => {
    const changes = [
      upsert('a', 1, 2 ** 31),
      upsert('b', 2),
      upsert('secret\0', 3),
      { ...upsert('c', 4), row: {} } as TargetChange,
      upsert('\ud800', 5),
      upsert('x'.repeat(2_001), 6),
      upsert('d', -1),
    ];
    const { folds, rejected } = foldBatches([batch(changes)]);
    expect(folds[0]?.histories.map(({ winner }) => winner.index)).toEqual([1]);
    expect(rejected.map(({ change }) => change)).toEqual([0, 2, 3, 4, 5, 6]);
    expect(rejected.map(({ reason }) => reason)).toEqual([
      'n: a value is outside the range of integer',
      'key: text holds a NUL character, which PostgreSQL cannot store',
      'n: the field is missing',
      'key: text is not valid Unicode (a lone surrogate)',
      'key: 2002 bytes; at most 2000 fit into the primary key',
      'position: outside its range',
    ]);
  });

  it('keeps the order of shapes of one table', () => {
    const { folds } = foldBatches([
      batch([upsert('a', 1)]),
      batch([upsert('a', 2)], wider),
      batch([upsert('a', 3)]),
      batch([upsert('b', 1)]),
    ]);
    expect(folds.map((fold) => fold.table.columns.length)).toEqual([1, 2, 1]);
    expect(folds[2]?.histories).toHaveLength(2);
  });
});
