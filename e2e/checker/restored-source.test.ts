import { history, op, upsert } from './invariants/hand-made.js';
import { RestoredSource } from './restored-source.js';

describe('a source that was put back', () => {
  const events = [upsert(1, 5), upsert(2, 9), upsert(3, 12)];
  const ofRow = history([op(1, 'c'), op(2), op(3)], events);

  it('answers for no event of its epoch behind the copy that it was put back to', () => {
    const { epoch } = events[0]?.place ?? { epoch: 0 };
    const restored = new RestoredSource([{ atMs: 1, kind: 'taken-back', epoch, afterLsn: '8' }]);
    expect(restored.without(ofRow).events).toEqual(ofRow.events.slice(0, 1));
    expect(restored.without(ofRow).ops).toEqual(ofRow.ops);
  });

  it('answers for those of another epoch, and for all where nothing was put back', () => {
    expect(new RestoredSource([{ atMs: 1, kind: 'taken-back', epoch: 99, afterLsn: '0' }]).without(ofRow)).toEqual(ofRow);
    expect(new RestoredSource([]).without(ofRow)).toBe(ofRow);
  });
});
