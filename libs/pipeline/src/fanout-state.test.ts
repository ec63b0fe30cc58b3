import type { Position } from '@truc/kernel';
import { foldViewProgress, viewProgressKey, viewProgressRecord } from './fanout-state.js';
import type { StoredRecord } from './log.js';

async function* log(...records: { key: string; value: Buffer | null }[]): AsyncGenerator<StoredRecord> {
  for (const [offset, { key, value }] of records.entries()) {
    yield { topic: 'state.distributor', partition: 0, key: Buffer.from(key), value, headers: [], timestampMs: 0, offset: BigInt(offset) };
  }
}

const entry = (key: string, nextOffset: bigint, viewEndOffset: bigint | null, sentUpTo: Position | null = null) => ({
  key,
  value: viewProgressRecord('state.distributor', key, { nextOffset, viewEndOffset, sentUpTo }, 0).value,
});

describe('state of the distributor', () => {
  it('keeps the last progress of every view and partition, beyond what a double holds', async () => {
    const far = 2n ** 62n + 1n;
    const sentUpTo = { epoch: 2, sequence: far, index: 3 };
    const found = await foldViewProgress(
      log(
        entry(viewProgressKey('a', 0), 5n, null),
        entry(viewProgressKey('a', 1), 7n, 3n, sentUpTo),
        entry(viewProgressKey('a', 0), far, 4n),
        entry(viewProgressKey('b', 0), 1n, 1n),
        { key: viewProgressKey('b', 0), value: null },
      ),
    );
    expect([...found]).toEqual([
      ['a/0', { nextOffset: far, viewEndOffset: 4n, sentUpTo: null }],
      ['a/1', { nextOffset: 7n, viewEndOffset: 3n, sentUpTo }],
    ]);
  });

  it('reads what was stored before positions were', async () => {
    const found = await foldViewProgress(log({ key: 'a/0', value: Buffer.from('{"nextOffset":"5","viewEndOffset":"2"}') }));
    expect([...found]).toEqual([['a/0', { nextOffset: 5n, viewEndOffset: 2n, sentUpTo: null }]]);
  });

  it('goes on from what takes the place of what cannot be read, or from the beginning where that is withdrawn', async () => {
    const broken = { value: Buffer.from('{') };
    const good = { value: Buffer.from('{"nextOffset":"5","viewEndOffset":"2"}') };
    const found = await foldViewProgress(
      log({ key: 'a/0', ...broken }, { key: 'b/0', ...broken }, { key: 'a/0', ...good }, { key: 'b/0', value: null }),
    );
    expect([...found.keys()]).toEqual(['a/0']);
    await expect(foldViewProgress(log({ key: 'a/0', ...good }, { key: 'a/0', ...broken }))).rejects.toMatchObject({
      code: 'FANOUT_STATE_INVALID',
    });
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
