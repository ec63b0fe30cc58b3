import { setTimeout as sleep } from 'node:timers/promises';
import { gatherBatches } from './gathered-batches.js';
import type { LogBatch } from './log.js';

const batch = (nextOffset: bigint, bytes = 1): LogBatch => ({
  topic: 't',
  partition: 0,
  fetchedFrom: nextOffset - 1n,
  nextOffset,
  endOffset: 9n,
  records: [{ topic: 't', partition: 0, key: Buffer.alloc(bytes), value: null, headers: [], timestampMs: 0, offset: nextOffset - 1n }],
});
const limits = { records: 3, bytes: 1_000, idleMs: 60_000 };

async function turnsOf(batches: AsyncIterable<LogBatch>, bounds = limits): Promise<bigint[][]> {
  const turns: bigint[][] = [];
  for await (const turn of gatherBatches(batches, bounds)) turns.push(turn.map(({ nextOffset }) => nextOffset));
  return turns;
}

describe('gatherBatches', () => {
  it('joins what is there up to the limits, keeps the order and leaves nothing out', async () => {
    async function* source() {
      for (let next = 1n; next <= 7n; next += 1n) yield batch(next);
    }
    expect(await turnsOf(source())).toEqual([[1n, 2n, 3n], [4n, 5n, 6n], [7n]]);
    async function* large() {
      yield batch(1n, 600);
      yield batch(2n, 600);
      yield batch(3n, 600);
    }
    expect(await turnsOf(large())).toEqual([[1n, 2n], [3n]]);
  });

  it('waits for nothing that is not there, and gives an empty turn when it is quiet', async () => {
    let release: () => void = () => {};
    const later = new Promise<void>((resolve) => (release = resolve));
    async function* source() {
      yield batch(1n);
      await later;
      yield batch(2n);
    }
    const turns: number[] = [];
    for await (const turn of gatherBatches(source(), { ...limits, idleMs: 5 })) {
      turns.push(turn.length);
      if (turn.length === 0) release();
    }
    expect(turns.filter((length) => length > 0)).toEqual([1, 1]);
    expect(turns).toContain(0);
  });

  it('hands on what the reading fails with, after what came before it', async () => {
    async function* source() {
      yield batch(1n);
      await sleep(20);
      throw new Error('gone');
    }
    const seen: bigint[] = [];
    const reading = (async () => {
      for await (const turn of gatherBatches(source(), limits)) seen.push(...turn.map(({ nextOffset }) => nextOffset));
    })();
    await expect(reading).rejects.toThrow('gone');
    expect(seen).toEqual([1n]);
  });
});
