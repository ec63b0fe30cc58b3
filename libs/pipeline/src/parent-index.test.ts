import { MemoryParentEntries, MemoryParentFile } from './memory-parent-entries.js';
import { ParentIndex } from './parent-index.js';

const whole = 1_000_000;

/** All parents were read: one with the code `1`. */
async function complete(bytesMax: number): Promise<{ index: ParentIndex; file: MemoryParentFile }> {
  const file = new MemoryParentFile();
  const index = new ParentIndex(bytesMax);
  index.open(new MemoryParentEntries(file), null);
  index.take('["a"]', '1');
  await index.finish();
  index.reached();
  return { index, file };
}

describe('an index of parents', () => {
  it.each([whole, 1])('is left as it was at the last boundary, with %i bytes of memory', async (bytesMax) => {
    const { index, file } = await complete(bytesMax);
    index.take('["a"]', '2');
    index.take('["b"]', '3');
    const mark = index.save();
    // The transaction is open: a run that begins with this mark finds nothing of it.
    const next = new ParentIndex();
    expect(next.open(new MemoryParentEntries(file), mark)).toBe(true);
    expect([next.codeOf('', '["a"]'), next.codeOf('', '["b"]')]).toEqual(['1', undefined]);
  });

  it.each([whole, 1])('goes back where its table stops in the middle of a transaction, with %i bytes of memory', async (bytesMax) => {
    const { index } = await complete(bytesMax);
    index.take('["a"]', '2');
    index.drop('["b"]');
    index.rollBack();
    index.reached();
    expect(index.codeOf('', '["a"]')).toBe('1');
    expect(index.startReading(9)).toEqual([]);
  });

  it('reads children again whose parent changed while they were being read', async () => {
    const { index } = await complete(whole);
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

  it('reads nothing again for a parent that nobody waits for, nor where a code is what it was', async () => {
    const { index } = await complete(whole);
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

  it('lets others have their turn while it goes through all parents, or the source takes the process for dead', async () => {
    const { index } = await complete(whole);
    for (let key = 0; key < 5_000; key += 1) index.take(`["${key}"]`, 'x');
    index.reached();
    index.save();
    let turns = 0;
    let isOver = false;
    const turn = (): void => {
      turns += 1;
      if (!isOver) setImmediate(turn);
    };
    setImmediate(turn);
    await index.truncate().finally(() => (isOver = true));
    expect(turns).toBeGreaterThan(1);
    expect([index.codeOf('', '["a"]'), index.codeOf('', '["4999"]')]).toEqual([undefined, undefined]);
  });
});
