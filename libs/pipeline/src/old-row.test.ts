import { capturedResidents, codeOf, relation, row, sourceKey } from './captured-residents.test-data.js';
import type { SourceRelation, SourceText } from './change-source.js';
import { demandOldRow } from './old-row.js';
import type { RowChange } from './source-transaction.js';

describe('a change under REPLICA IDENTITY FULL', () => {
  const capture = capturedResidents('t');
  const full = { ...relation, mayLackOldRows: true };
  const demanded = (change: RowChange, held: readonly string[] = []): void =>
    demandOldRow(change, capture, { has: (key) => held.includes(key) });
  const update = (before: SourceText[] | null, of: SourceRelation = full): RowChange => ({
    kind: 'update',
    relation: of,
    index: 0,
    before,
    beforeIsWhole: before !== null,
    after: row('a', codeOf(2)),
  });
  const remove = (before: SourceText[], of: SourceRelation = full): RowChange => ({
    kind: 'delete',
    relation: of,
    index: 0,
    before,
    beforeIsWhole: true,
  });

  it.each<[string, RowChange]>([
    ['an update without an old row', update(null)],
    ['an update whose old row is a key alone', update(['a', null, null])],
    ['a delete whose old row is a key alone', remove(['a', null, null])],
  ])('is refused by name where it is %s', (_, change) => {
    expect(() => demanded(change)).toThrow(
      expect.objectContaining({ code: 'CAPTURE_OLD_ROW_MISSING', message: expect.stringContaining('--dataset population.resident') }),
    );
  });

  it.each<[string, RowChange, string[]?]>([
    ['has its old row', update(row('a', codeOf(1)))],
    ['is a delete that has its old row', remove(row('a', codeOf(1)))],
    ['is an insert', { kind: 'insert', relation: full, index: 0, after: row('a', codeOf(1)) }],
    ['is of a row that quarantine holds, which never had a code', remove(['a', null, null], full), [sourceKey('a')]],
    ['is of a table that has no partitions, and nothing but its key was ever there', update(['a', null, null], relation)],
    ['is of a table that sends keys alone', update(null, relation)],
  ])('passes where it %s', (_, change, held = []) => {
    expect(() => demanded(change, held)).not.toThrow();
  });
});
