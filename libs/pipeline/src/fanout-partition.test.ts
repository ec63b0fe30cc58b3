import { positionHeaders } from '@truc/change-event';
import { systemClock, type Position } from '@truc/kernel';
import { FanoutPartition } from './fanout-partition.js';
import { findSent } from './fanout-sent.js';
import { foldViewProgress, viewProgressKey } from './fanout-state.js';
import type { FanoutView } from './fanout-view.js';
import type { LogRecord, LogWriter, StoredRecord } from './log.js';
import { scanToEnd } from './log-scan.js';
import { MemoryLog } from './memory-log.test-data.js';
import type { ReceivedEvent } from './received-event.js';

const data = 'data.g01.x.v1';
const view = 'view.x';
const stateTopic = 'state.distributor';
const key = viewProgressKey('x', 0);
const signal = new AbortController().signal;
const at = (sequence: number): Position => ({ epoch: 1, sequence: BigInt(sequence), index: 0 });
const recordAt = (topic: string, position: Position): LogRecord => ({
  topic,
  partition: 0,
  key: Buffer.from('k'),
  value: null,
  headers: positionHeaders(position),
  timestampMs: 0,
});
/** Of a view, all that the partition asks for. */
const asView = {
  policy: { id: 'x', topic: view, partitions: 1 },
  record: (event: { readonly position: Position }) => recordAt(view, event.position),
} as unknown as FanoutView;

describe('one partition of a dataset on its way into a view', () => {
  let log: MemoryLog;
  /** Of the dataset. */
  let sequences: number[];
  let flushing: (() => Promise<void>) | null;

  beforeEach(async () => {
    log = new MemoryLog();
    sequences = [];
    flushing = null;
  });

  async function captured(...more: number[]): Promise<void> {
    sequences.push(...more);
    await log.writer().write(more.map((sequence) => recordAt(data, at(sequence))));
  }

  const stored = () => foldViewProgress(scanToEnd(log.reader(), stateTopic, 0, -2n, signal));

  async function sent(): Promise<Map<string, bigint>> {
    return findSent({ datasetTopic: data, views: [{ id: 'x', topic: view, partitions: 1 }], stored: await stored() }, log.reader(), signal);
  }

  async function opened(): Promise<FanoutPartition> {
    const inner = log.writer();
    const writer: LogWriter = { ...inner, flush: async () => flushing?.() };
    return new FanoutPartition({
      partition: 0,
      views: [asView],
      writer,
      stored: await stored(),
      sentBefore: await sent(),
      stateTopic,
      refuse: () => Promise.reject(new Error('nothing is refused here')),
      clock: systemClock,
    });
  }

  /** The records of the dataset from `from` on, below `to`. */
  async function take(partition: FanoutPartition, from: number, to: number): Promise<void> {
    const records = log.records(data, 0).slice(from, to);
    const events = records.map(({ headers }, index): ReceivedEvent => {
      expect(headers).toHaveLength(2);
      const position = at(sequences[from + index] as number);
      return { kind: 'tombstone', key: { scheme: 's', code: 'k', row: '' }, position, timestampMs: 0 };
    });
    const batch = { topic: data, partition: 0, fetchedFrom: BigInt(from), nextOffset: BigInt(to), endOffset: BigInt(to), records };
    await partition.take(batch, events, '');
  }

  it('stores no end of the view that lies behind what is written while it stores', async () => {
    await captured(1, 2, 3);
    const partition = await opened();
    await take(partition, 0, 1);
    flushing = async () => {
      flushing = null;
      await take(partition, 1, 3);
    };
    await partition.store();
    // The process ends here. Of the view's three records one belongs to what is stored.
    const progress = (await stored()).get(key);
    expect(progress).toMatchObject({ nextOffset: 1n, sentUpTo: at(1) });
    expect(progress?.viewEndOffset ?? 0n).toBeLessThanOrEqual(1n);
    expect(await sent()).toEqual(new Map([[key, 3n]]));

    // The dataset loses its end: what the view was sent is nowhere any more.
    const held: StoredRecord[] = log.records(data, 0);
    held.splice(1);
    await expect(sent()).rejects.toMatchObject({ code: 'FANOUT_DATASET_SHORT' });
  });

  it('finds nothing missing where all that was sent is stored, though the end of the view is stored early', async () => {
    await captured(1, 2);
    const partition = await opened();
    await take(partition, 0, 1);
    await take(partition, 1, 2);
    await partition.store();
    const progress = (await stored()).get(key);
    expect(progress).toMatchObject({ nextOffset: 2n, viewEndOffset: 1n, sentUpTo: at(2) });
    expect(await sent()).toEqual(new Map());
    expect((await opened()).from).toBe(2n);
  });

  it('keeps the end of the view in front of what an earlier run sent until it has sent all of it again', async () => {
    await captured(1, 2, 3, 4);
    const abandoned = await opened();
    await take(abandoned, 0, 3);

    const next = await opened();
    await take(next, 0, 2);
    await next.store();
    expect((await stored()).get(key)).toEqual({ nextOffset: 2n, viewEndOffset: null, sentUpTo: at(2) });
    expect(await sent()).toEqual(new Map([[key, 3n]]));
    await take(next, 2, 3);
    await next.store();
    expect((await stored()).get(key)).toEqual({ nextOffset: 3n, viewEndOffset: 6n, sentUpTo: at(3) });
    expect(await sent()).toEqual(new Map());
  });
});
