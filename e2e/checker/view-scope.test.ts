import { beyondView } from './view-scope.js';

describe('a view’s envelope', () => {
  const source = { epoch: 1, sequence: 7n, index: 0n, ts_ms: 1n };
  const envelope = { before: null, after: { code: '1' }, source, op: 'u', ts_ms: null };

  it('holds the record, its operation, its position and its time', () => {
    expect(beyondView(envelope)).toEqual([]);
    expect(beyondView({ ...envelope, after: null, op: 'd', transaction: null })).toEqual([]);
  });

  it('holds nothing of what was before, of the transaction, and of where it comes from', () => {
    expect(
      beyondView({ ...envelope, before: { code: '1' }, transaction: { id: '7' }, source: { ...source, sourceId: 'g01.population' } }),
    ).toEqual(['before', 'transaction', 'source.sourceId']);
  });
});
