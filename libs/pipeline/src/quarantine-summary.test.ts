import fc from 'fast-check';
import type { LogRecord, StoredRecord } from './log.js';
import { HeldRows, findQuarantineEntry } from './held-rows.js';
import { MemoryLog } from './memory-log.test-data.js';
import { QuarantineBook } from './quarantine-book.js';
import { QuarantineSummary } from './quarantine-summary.js';
import { datasetQuality, type DatasetQuality } from './dataset-quality.js';

const topic = 'quarantine.g01.x';
const signal = new AbortController().signal;
const dayMs = 86_400_000;
const names = { agency: 'G01', source: 'population', dataset: 'x' };
const element = 'urn:vn:ddict:element:person.full-name';
const reasonsOf = {
  name: [
    { rule: 'V2', element, field: 'person_full_name', reason: 'double-space' },
    { rule: 'V2', element, field: 'person_full_name', reason: 'not-trimmed' },
  ],
  date: [{ rule: 'V6', element: 'urn:vn:ddict:element:person.birth-date', field: 'person_birth_date', reason: 'in-future' }],
};

interface Step {
  readonly row: number;
  readonly what: 'name' | 'date' | 'release';
}

/** What a source's rows do, at positions that rise; and what a writer does with it that starts again from `from` after `upTo`. */
class Writing {
  readonly book = new QuarantineBook(topic, 3);

  record({ row, what }: Step, number: number): LogRecord {
    const position = { epoch: 1, sequence: BigInt(number + 1), index: 0 };
    const sourceKey = JSON.stringify([`secret-${row}`]);
    const atMs = number * (dayMs / 4);
    if (what === 'release') return this.book.release(sourceKey, position, atMs);
    const columns = new Map([['ho_ten', 'Trần  Thị Bí Mật ']]);
    const lastPublishedKey = row % 2 === 0 ? { scheme: 's', code: 'c', row: sourceKey } : null;
    return this.book.hold(
      { dataset: 'x', table: 'public.x', sourceKey, position, reasons: reasonsOf[what], columns, lastPublishedKey },
      atMs,
    );
  }
}

const steps = fc.array(fc.record({ row: fc.nat(4), what: fc.constantFrom<Step['what']>('name', 'date', 'release') }), { maxLength: 40 });
const stored = (records: readonly LogRecord[]): StoredRecord[] => records.map((record, offset) => ({ ...record, offset: BigInt(offset) }));

function folded(records: readonly StoredRecord[]): DatasetQuality {
  const summary = new QuarantineSummary({ columnOf: ({ field }) => (field === 'person_full_name' ? 'ho_ten' : null) });
  for (const record of records) summary.take(record);
  return summary.quality(names, null, 0);
}
const withoutEntries = ({ rules, ...rest }: DatasetQuality) => ({
  ...rest,
  rules: rules.map(({ examples, ...rule }) => ({ ...rule, forms: examples.map(({ form }) => form) })),
});

describe('the summary of a quarantine', () => {
  it('tells what is held, what was refused on which day, and the form of values', () => {
    const writing = new Writing();
    const all: Step[] = [
      { row: 0, what: 'name' },
      { row: 1, what: 'date' },
      { row: 1, what: 'name' },
      { row: 2, what: 'name' },
      { row: 2, what: 'release' },
    ];
    const quality = folded(stored(all.map((step, number) => writing.record(step, number))));
    expect(datasetQuality.parse(quality)).toEqual(quality);
    expect(quality).toMatchObject({ heldRows: 2, staleRows: 1, oldestHeldAtMs: 0, unreadable: 0 });
    expect(quality.days).toEqual([
      { day: '1970-01-01', refused: 3, released: 0 },
      { day: '1970-01-02', refused: 1, released: 1 },
    ]);
    const [name, date] = quality.rules;
    // Two reasons under one rule at one field are one row.
    expect(name).toMatchObject({ rule: 'V2', heldRows: 2, reasons: { 'double-space': 2, 'not-trimmed': 2 } });
    expect(name?.examples).toEqual([
      { entry: '2', heldAtMs: dayMs / 2, form: 'Xxxx  Xxx Xx Xxx ' },
      { entry: '0', heldAtMs: 0, form: 'Xxxx  Xxx Xx Xxx ' },
    ]);
    expect(date).toMatchObject({ rule: 'V6', heldRows: 0, oldestHeldAtMs: null, refused: [{ day: '1970-01-01', rows: 1 }], examples: [] });
  });

  it('holds nothing of a row', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const writing = new Writing();
        const text = JSON.stringify(folded(stored(all.map((step, number) => writing.record(step, number)))));
        expect(text).not.toMatch(/secret|Trần|Bí|Mật/);
      }),
    );
  });

  it('counts nothing twice of what is sent again after a restart', () => {
    fc.assert(
      fc.property(steps, fc.nat(), fc.nat(), (all, from, upTo) => {
        const writing = new Writing();
        const records = all.map((step, number) => writing.record(step, number));
        const end = all.length === 0 ? 0 : upTo % (all.length + 1);
        const start = end === 0 ? 0 : from % (end + 1);
        const again = [...records.slice(0, end), ...records.slice(start, end), ...records.slice(end)];
        expect(withoutEntries(folded(stored(again))).days).toEqual(withoutEntries(folded(stored(records))).days);
        expect(folded(stored(again)).heldRows).toBe(folded(stored(records)).heldRows);
      }),
    );
  });

  it('tells the same of what is held from a topic that was compacted', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const writing = new Writing();
        const records = stored(all.map((step, number) => writing.record(step, number)));
        const last = new Map(records.map((record) => [record.key.toString(), record.offset]));
        const compacted = records.filter(({ key, offset }) => last.get(key.toString()) === offset);
        const held = ({ heldRows, staleRows, rules }: DatasetQuality) => ({
          heldRows,
          staleRows,
          rules: rules
            .filter((rule) => rule.heldRows > 0)
            .map(({ rule, heldRows: rows, reasons }) => ({ rule, rows, reasons }))
            .sort((a, b) => (a.rule < b.rule ? -1 : 1)),
        });
        expect(held(folded(compacted))).toEqual(held(folded(records)));
      }),
    );
  });

  it('is bounded, and passes over what it cannot read', () => {
    const writing = new Writing();
    const record = stored([
      writing.record({ row: 1, what: 'name' }, 0),
      writing.record({ row: 2, what: 'name' }, 1),
      writing.record({ row: 3, what: 'date' }, 2),
      writing.record({ row: 3, what: 'release' }, 3),
      writing.record({ row: 1, what: 'date' }, 4),
    ]);
    const bounded = (rows: number, records = record): DatasetQuality => {
      const small = new QuarantineSummary({ columnOf: () => null, bytesMax: rows * 400 });
      for (const one of records) small.take(one);
      return small.quality(names, null, 0);
    };
    expect(bounded(3)).toMatchObject({ heldRows: 2, rowsLeftOut: 0 });
    expect(bounded(2)).toMatchObject({ heldRows: 2, rowsLeftOut: 1 });
    // What is known of a row goes on being told.
    expect(bounded(1)).toMatchObject({
      heldRows: 1,
      rowsLeftOut: 2,
      rules: expect.arrayContaining([expect.objectContaining({ rule: 'V6', heldRows: 1 })]) as unknown,
    });
    // Rows that are held no more make room for others.
    const more = stored([
      ...record,
      writing.record({ row: 1, what: 'release' }, 5),
      writing.record({ row: 2, what: 'release' }, 6),
      writing.record({ row: 4, what: 'name' }, 7),
      writing.record({ row: 5, what: 'name' }, 8),
    ]);
    expect(bounded(3, more)).toMatchObject({ heldRows: 2, rowsLeftOut: 0 });
    expect(
      folded([
        { ...record[0]!, value: Buffer.from('forged') },
        { ...record[0]!, headers: [] },
      ]),
    ).toMatchObject({ heldRows: 0, unreadable: 2 });
  });
});

describe('the rows that a quarantine holds', () => {
  const logOf = async (all: readonly Step[]): Promise<MemoryLog> => {
    const log = new MemoryLog();
    const writing = new Writing();
    await log.writer().write(all.map((step, number) => writing.record(step, number)));
    return log;
  };

  it('are the last ones that were not released', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const log = await logOf(all);
        const rows = await HeldRows.find({ reader: log.reader(), topic, signal });
        const found: bigint[] = [];
        for await (const { entry } of rows.entries()) found.push(entry);
        const last = new Map(all.map(({ row, what }, offset) => [row, { what, offset }]));
        const wanted = [...last.values()].flatMap(({ what, offset }) => (what === 'release' ? [] : [BigInt(offset)]));
        expect(new Set(found)).toEqual(new Set(wanted));
        expect(rows.size).toBe(wanted.length);
      }),
      { numRuns: 30 },
    );
  });

  it('may be chosen, and are bounded', async () => {
    const log = await logOf([
      { row: 1, what: 'date' },
      { row: 2, what: 'name' },
      { row: 3, what: 'date' },
      { row: 3, what: 'name' },
    ]);
    const isWanted = ({ reasons }: { readonly reasons: readonly { readonly rule: string }[] }) => reasons.some(({ rule }) => rule === 'V6');
    const rows = await HeldRows.find({ reader: log.reader(), topic, signal, isWanted });
    expect([rows.size, rows.columns]).toEqual([1, ['ho_ten']]);
    await expect(HeldRows.find({ reader: log.reader(), topic, signal, bytesMax: 260 })).rejects.toMatchObject({
      code: 'QUARANTINE_TOO_LARGE',
    });
  });

  it('are named by their entry, which says what became of it', async () => {
    const log = await logOf([
      { row: 1, what: 'date' },
      { row: 2, what: 'name' },
      { row: 1, what: 'name' },
      { row: 3, what: 'name' },
      { row: 3, what: 'release' },
    ]);
    const find = (offset: bigint) => findQuarantineEntry(log.reader(), topic, offset, signal);
    expect((await find(0n))?.state).toEqual({ kind: 'held-anew', entry: 2n });
    expect(await find(1n)).toMatchObject({ entry: { entry: 1n, columns: { ho_ten: 'Trần  Thị Bí Mật ' } }, state: { kind: 'held' } });
    expect((await find(3n))?.state).toEqual({ kind: 'released' });
    // A release and what lies beyond the end are no entries.
    expect([await find(4n), await find(9n)]).toEqual([null, null]);
  });
});
