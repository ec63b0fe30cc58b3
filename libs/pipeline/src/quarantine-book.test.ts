import type { MasterDataKey } from '@truc/change-event';
import { hostileFrames } from '@truc/testing';
import type { LogRecord, StoredRecord } from './log.js';
import { readQuarantineRecord } from './quarantine-entry.js';
import { QuarantineBook, type HeldRow } from './quarantine-book.js';

const topic = 'quarantine.g01.x';
const at = (sequence: bigint) => ({ epoch: 1, sequence, index: 0 });
const key = (code: string): MasterDataKey => ({ scheme: 's', code, row: '["a"]' });
const row = (more: Partial<HeldRow> = {}): HeldRow => ({
  dataset: 'x',
  table: 'public.x',
  sourceKey: '["a"]',
  position: at(5n),
  reasons: [],
  columns: new Map(),
  lastPublishedKey: null,
  ...more,
});
const stored = (record: LogRecord) => ({ ...record, offset: 0n });

describe('the book of quarantine', () => {
  it('shows at most 64 KiB of a row, and whole columns', () => {
    const columns = new Map([
      ['small', 'a'],
      ['large', 'ă'.repeat(40_000)],
      ['null', null],
      ['broken', 'x\ud800'],
    ]);
    const record = new QuarantineBook(topic, 3).hold(row({ columns }), 0);
    const read = readQuarantineRecord(stored(record));
    expect(read).toMatchObject({ kind: 'held' });
    expect(read.kind === 'held' && read.entry.columns).toEqual({ small: 'a', null: null, broken: 'x\ufffd' });
    expect(record.value?.length).toBeLessThan(64 * 1024 + 1000);
  });

  it('knows again under which keys a row may be published, until it is released', () => {
    const written = new QuarantineBook(topic, 3);
    const held = written.hold(row({ lastPublishedKey: key('1'), intendedKeys: [key('2'), key('3')] }), 0);
    const book = new QuarantineBook(topic, 3);
    expect(book.restore(stored(held), { epoch: 1, sequence: 5n })).toBe(true);
    expect([book.lastPublishedKey('["a"]'), book.intendedKeys('["a"]')]).toEqual([key('1'), [key('2'), key('3')]]);
    // A sweep spares all of them.
    expect(book.publishedKeys()).toEqual([key('1'), key('2'), key('3')]);
    expect([book.heldKeys(), book.allIntendedKeys()]).toEqual([['["a"]'], [key('2'), key('3')]]);
    book.restore(stored(written.release('["a"]', at(6n), 0)), { epoch: 1, sequence: 6n });
    expect([book.size, book.publishedKeys(), book.intendedKeys('["a"]')]).toEqual([0, [], []]);
  });

  it('tells where an entry stands that nobody can read, and has nothing of it', () => {
    const record = stored(new QuarantineBook(topic, 3).hold(row({ intendedKeys: [key('2')] }), 0));
    const intended = (value: string) =>
      record.headers.map((header) => (header.key === 'truc-intended' ? { ...header, value: Buffer.from(value) } : header));
    const changed: Partial<StoredRecord>[] = [
      ...hostileFrames(record.value!)
        .filter(({ name }) => !/schema/.test(name))
        .map(({ bytes }) => ({ value: bytes })),
      { headers: [] },
      ...['{', '[1]', '[{"__proto__":{}}]', '[{"scheme":"a","code":"b"}]'].map((value) => ({ headers: intended(value) })),
    ];
    for (const change of changed) {
      const book = new QuarantineBook(topic, 3);
      expect(() => book.restore({ ...record, ...change }, { epoch: 1, sequence: 5n })).toThrow(
        expect.objectContaining({
          code: 'QUARANTINE_ENTRY_INVALID',
          message: expect.stringContaining(`${record.topic}/0 at ${record.offset}`) as string,
        }),
      );
      expect(book.size).toBe(0);
    }
  });
});
