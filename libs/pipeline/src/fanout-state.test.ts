import { foldViewProgress, viewProgressKey, viewProgressRecord } from './fanout-state.js';
import type { StoredRecord } from './log.js';

async function* log(...records: { key: string; value: Buffer | null }[]): AsyncGenerator<StoredRecord> {
  for (const [offset, { key, value }] of records.entries()) {
    yield { topic: 'state.distributor', partition: 0, key: Buffer.from(key), value, headers: [], timestampMs: 0, offset: BigInt(offset) };
  }
}

const entry = (key: string, nextOffset: bigint, viewEndOffset: bigint | null) => ({
  key,
  value: viewProgressRecord('state.distributor', key, { nextOffset, viewEndOffset }, 0).value,
});

describe('state of the distributor', () => {
  it('keeps the last progress of every view and partition, beyond what a double holds', async () => {
    const far = 2n ** 62n + 1n;
    const found = await foldViewProgress(
      log(
        entry(viewProgressKey('a', 0), 5n, null),
        entry(viewProgressKey('a', 1), 7n, 3n),
        entry(viewProgressKey('a', 0), far, 4n),
        entry(viewProgressKey('b', 0), 1n, 1n),
        { key: viewProgressKey('b', 0), value: null },
      ),
    );
    expect([...found]).toEqual([
      ['a/0', { nextOffset: far, viewEndOffset: 4n }],
      ['a/1', { nextOffset: 7n, viewEndOffset: 3n }],
    ]);
  });

  it.each(['', 'x', '{}', '{"nextOffset":5,"viewEndOffset":null}', '{"nextOffset":"-1","viewEndOffset":null}', '{"nextOffset":"1"}'])(
    'goes on from no guess: %s',
    async (text) => {
      await expect(foldViewProgress(log({ key: 'a/0', value: Buffer.from(text) }))).rejects.toMatchObject({
        code: 'FANOUT_STATE_INVALID',
        retry: false,
      });
    },
  );
});
