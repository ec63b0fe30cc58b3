import { positionHeaders } from '@truc/change-event';
import type { Position } from '@truc/kernel';
import { MemoryLog } from './memory-log.test-data.js';
import { highestSentPositions } from './sent-position.js';
import type { LogHeader } from './log.js';

const topic = 'data.g01.x.v1';
const at = (sequence: bigint): Position => ({ epoch: 1, sequence, index: 0 });

describe('the highest position that was ever sent', () => {
  const read = async (all: readonly (readonly LogHeader[])[]) => {
    const log = new MemoryLog();
    await log.writer().write(
      all.map((headers, index) => ({
        topic,
        partition: 0,
        key: Buffer.from(String(index)),
        value: null,
        headers: [...headers],
        timestampMs: 0,
      })),
    );
    return highestSentPositions(log.reader(), [{ topic, partitions: 1 }], {}, new AbortController().signal);
  };

  it('is that of a record, wherever it stands', async () => {
    expect(await read([])).toEqual(new Map());
    expect(await read([3n, 9n, 4n].map((sequence) => positionHeaders(at(sequence))))).toEqual(new Map([[topic, at(9n)]]));
  });

  it('is none that no consumer can read: such a record stops nobody who begins', async () => {
    const forged = ['9999999999', 'x', ''].map((epoch) => [
      { key: 'truc-epoch', value: Buffer.from(epoch) },
      { key: 'truc-position', value: Buffer.from('ffffffffffffffff:0') },
    ]);
    expect(await read([[], ...forged])).toEqual(new Map());
    expect(await read([positionHeaders(at(5n)), ...forged, []])).toEqual(new Map([[topic, at(5n)]]));
  });
});
