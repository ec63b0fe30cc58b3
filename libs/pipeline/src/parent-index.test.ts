import { MemoryParentEntries, MemoryParentFile } from './memory-parent-entries.js';
import { ParentIndex } from './parent-index.js';

const whole = 1_000_000;

/** All parents were read: one with the code `1`. */
function complete(bytesMax: number): { index: ParentIndex; file: MemoryParentFile } {
  const file = new MemoryParentFile();
  const index = new ParentIndex(bytesMax);
  index.open(new MemoryParentEntries(file), null);
  index.take('["a"]', '1');
  index.finish();
  index.reached();
  return { index, file };
}

describe('an index of parents', () => {
  it.each([whole, 1])('is left as it was at the last boundary, with %i bytes of memory', (bytesMax) => {
    const { index, file } = complete(bytesMax);
    index.take('["a"]', '2');
    index.take('["b"]', '3');
    const mark = index.save();
    // The transaction is open: a run that begins with this mark finds nothing of it.
    const next = new ParentIndex();
    expect(next.open(new MemoryParentEntries(file), mark)).toBe(true);
    expect([next.codeOf('', '["a"]'), next.codeOf('', '["b"]')]).toEqual(['1', undefined]);
  });

  it.each([whole, 1])('goes back where its table stops in the middle of a transaction, with %i bytes of memory', (bytesMax) => {
    const { index } = complete(bytesMax);
    index.take('["a"]', '2');
    index.drop('["b"]');
    index.rollBack();
    index.reached();
    expect(index.codeOf('', '["a"]')).toBe('1');
    expect(index.startReading(9)).toEqual([]);
  });

  it('reads children again whose parent changed while they were being read', () => {
    const { index } = complete(whole);
    index.take('["a"]', '2');
    index.reached();
    expect(index.startReading(9)).toEqual(['["a"]']);
    expect(index.startReading(9)).toEqual([]);
    index.take('["a"]', '3');
    index.doneReading();
    index.reached();
    expect(index.pendingOf('["a"]')).toEqual({ formers: ['1', '2'], code: '3' });
    expect(index.startReading(9)).toEqual(['["a"]']);
    index.doneReading();
    index.reached();
    expect(index.pendingOf('["a"]')).toBeNull();
    expect([index.startReading(9), index.hasPending]).toEqual([[], false]);
  });

  it('reads nothing again for a parent that nobody waits for, nor where a code is what it was', () => {
    const { index } = complete(whole);
    index.take('["b"]', '7');
    index.take('["a"]', null);
    index.take('["a"]', '1');
    index.reached();
    expect(index.startReading(9)).toEqual([]);
    index.awaits('["c"]');
    index.take('["c"]', '8');
    index.reached();
    expect(index.startReading(9)).toEqual(['["c"]']);
  });
});
