import { positionHeaders } from '@truc/change-event';
import type { Position } from '@truc/kernel';
import type { LogReader, LogRecord, LogWriter } from './log.js';
import { MemoryLog } from './memory-log.test-data.js';
import { QuarantineBook } from './quarantine-book.js';
import { restoreQuarantine } from './restored-quarantine.js';

const topic = 'quarantine.g01.x';
const stored = { epoch: 1, sequence: 10n };
const clock = { now: () => 0 };
const signal = new AbortController().signal;
const at = (sequence: bigint): Position => ({ epoch: 1, sequence, index: 0 });
const keys = Array.from({ length: 40 }, (_, number) => `row-${number}`);

describe('a quarantine that holds entries behind the stored position', () => {
  let log: MemoryLog;

  const held = (sourceKey: string, sequence: bigint, text = 'x'): LogRecord =>
    new QuarantineBook(topic, 3).hold(
      {
        dataset: 'x',
        table: 'public.x',
        sourceKey,
        position: at(sequence),
        reasons: [],
        columns: new Map([['a', text]]),
        lastPublishedKey: null,
      },
      0,
    );
  const released = (sourceKey: string, sequence: bigint): LogRecord => ({
    ...held(sourceKey, sequence),
    value: null,
    headers: positionHeaders(at(sequence)),
  });
  const restored = (writer: LogWriter = log.writer(), reader: LogReader = log.reader()) =>
    restoreQuarantine({ topic, schemaId: 3, stored }, { reader, writer, clock, signal });
  const last = () => new Map(log.records(topic, 0).map(({ key, value }) => [key.toString(), value]));

  beforeEach(async () => {
    log = new MemoryLog();
    const write = (records: LogRecord[]) => log.writer().write(records);
    // Held twice below the stored position; released above it. Some are new above it.
    await write(keys.map((key) => held(key, 4n, 'first')));
    await write(keys.map((key) => held(key, 5n, 'second')));
    await write(keys.map((key) => released(key, 20n)));
    await write([held('new', 20n), held('gone', 3n), released('gone', 6n), held('gone', 20n)]);
  });

  it('is written back as the book has it, no more at a time than the writer has room for', async () => {
    const inner = log.writer();
    let most = 0;
    const writer: LogWriter = { ...inner, write: (records) => ((most = Math.max(most, records.length)), inner.write(records)) };
    const book = await restored(writer);
    expect(book.size).toBe(keys.length);
    expect(most).toBe(1);
    const now = last();
    for (const key of keys) expect(now.get(key)).toEqual(held(key, 5n, 'second').value);
    expect([now.get('new'), now.get('gone')]).toEqual([null, null]);
  });

  it('is not restored while the last entry of a row cannot be read, and is once something later takes its place, a tombstone without a position too', async () => {
    const write = (records: LogRecord[]) => log.writer().write(records);
    const broken = (key: string): LogRecord => ({ ...held(key, 6n), value: Buffer.from([0, 0, 0, 0, 3, 9]) });
    await write([broken('row-0'), broken('other')]);
    await expect(restored()).rejects.toMatchObject({ code: 'QUARANTINE_ENTRY_INVALID' });
    await write([held('row-0', 7n, 'third')]);
    await expect(restored()).rejects.toMatchObject({ code: 'QUARANTINE_ENTRY_INVALID' });
    // As a person would withdraw it.
    await write([{ ...released('other', 0n), headers: [] }]);
    const book = await restored();
    expect([book.has('row-0'), book.has('other'), book.size]).toEqual([true, false, keys.length]);
  });

  it('is left as it is where it was written back before', async () => {
    await restored();
    const length = log.records(topic, 0).length;
    expect((await restored()).size).toBe(keys.length);
    expect(log.records(topic, 0)).toHaveLength(length);
  });

  it('is written back by the next start where this one ends in the middle', async () => {
    await expect(restored(log.writer(7))).rejects.toThrow('killed');
    expect((await restored()).size).toBe(keys.length);
    const now = last();
    for (const key of keys) expect(now.get(key)).toEqual(held(key, 5n, 'second').value);
  });

  it('is read again by another start where an entry was compacted away between the two looks', async () => {
    const inner = log.reader();
    const reader: LogReader = {
      ...inner,
      bounds: (...place) => {
        if (log.scans === 1) log.records(topic, 0).splice(keys.length, 1);
        return inner.bounds(...place);
      },
    };
    await expect(restored(log.writer(), reader)).rejects.toMatchObject({ code: 'CAPTURE_QUARANTINE_CHANGED', retry: true });
  });
});
