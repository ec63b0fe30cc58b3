import { compileCodec, unframe } from '@truc/avro';
import { decodeMasterDataKey, shippedSchema } from '@truc/change-event';
import { Telemetry } from '@truc/telemetry';
import {
  capturedResidents,
  clock,
  codeOf,
  longAddress,
  relation,
  row,
  sourceKey,
  stricterRelease,
  tableName,
} from './captured-residents.test-data.js';
import type { SourceText } from './change-source.js';
import type { DatasetCapture } from './dataset-capture.js';
import type { LogRecord } from './log.js';
import { LiveCodes } from './live-codes.js';
import { QuarantineBook } from './quarantine-book.js';
import { RowPublication } from './row-publication.js';

const quarantined = compileCodec(shippedSchema('QuarantinedRow'));

describe('publication of rows', () => {
  const telemetry = new Telemetry({ service: 'test', otlpEndpoint: null });
  const capture = capturedResidents('t');
  let book: QuarantineBook;
  let rows: RowPublication;
  let sequence: bigint;
  function judgeBy(judging: DatasetCapture): void {
    rows = new RowPublication({
      sourceId: 'g01.population',
      connector: 'postgresql',
      release: 1,
      epoch: 1,
      tables: new Map([[tableName, judging]]),
      books: new Map([[tableName, book]]),
      clock,
      telemetry,
    });
  }
  beforeEach(() => {
    book = new QuarantineBook(capture.dataset.quarantineTopic, 3);
    sequence = 100n;
    judgeBy(capture);
  });
  afterAll(() => telemetry.shutdown());

  /** What records say, in their order. */
  function shown(records: readonly LogRecord[]): unknown[] {
    return records.map(({ topic, key, value }) => {
      if (topic === capture.dataset.topic) return [value === null ? 'tombstone' : 'event', decodeMasterDataKey(key).key.code];
      if (value === null) return ['released', key.toString()];
      const entry = quarantined.decode(unframe(value).body) as {
        reasons: { reason: string }[];
        lastPublishedKey: { code: string } | null;
        columns: object;
      };
      const columns = Object.keys(entry.columns).length;
      return ['held', key.toString(), entry.reasons.map(({ reason }) => reason), entry.lastPublishedKey?.code ?? null, columns];
    });
  }

  const transaction = () => ({ id: '7', sequence: (sequence += 1n), committedAtMs: clock.now(), ordinals: new Map<string, number>() });
  const insert = (after: SourceText[]) => shown(rows.change({ kind: 'insert', relation, index: 0, after }, transaction()));
  const update = (before: SourceText[], after: SourceText[]) =>
    shown(rows.change({ kind: 'update', relation, index: 0, before, beforeIsWhole: true, after }, transaction()));
  const remove = (before: SourceText[]) =>
    shown(rows.change({ kind: 'delete', relation, index: 0, before, beforeIsWhole: true }, transaction()));

  it('shows what was before, but no version that was held', () => {
    const codec = compileCodec(capture.dataset.valueSchema);
    const befores = (before: SourceText[], after: SourceText[]): unknown[] => {
      const records = rows.change({ kind: 'update', relation, index: 0, before, beforeIsWhole: true, after }, transaction());
      const events = records.filter(({ topic, value }) => topic === capture.dataset.topic && value !== null);
      return events.map(({ value }) => (codec.decode(unframe(value!).body) as { before: unknown }).before);
    };
    insert(row('a', codeOf(1)));
    expect(befores(row('a', codeOf(1)), row('a', codeOf(1), 'Số 2'))).toEqual([{ person_personal_id: codeOf(1), address_detail: 'Số 1' }]);
    update(row('a', codeOf(1), 'Số 2'), row('a', null));
    expect(befores(row('a', null), row('a', codeOf(1)))).toEqual([null]);
  });

  it('acts on the key of a row that was published by a release which had nothing against its code', () => {
    for (const id of ['a', 'b', 'c']) expect(insert(row(id, codeOf(1)))).toEqual([['event', codeOf(1)]]);
    judgeBy(capturedResidents('t', {}, tableName, stricterRelease));
    expect(remove(row('a', codeOf(1)))).toEqual([
      ['event', codeOf(1)],
      ['tombstone', codeOf(1)],
    ]);
    expect(update(row('b', codeOf(1)), row('b', codeOf(1), 'Số 2'))).toEqual([['held', sourceKey('b'), ['pattern'], codeOf(1), 3]]);
    expect(remove(row('b', codeOf(1), 'Số 2'))).toEqual([
      ['event', codeOf(1)],
      ['tombstone', codeOf(1)],
      ['released', sourceKey('b')],
    ]);
    const moved = '900000000001';
    expect(update(row('c', codeOf(1)), row('c', moved))).toEqual([
      ['event', codeOf(1)],
      ['tombstone', codeOf(1)],
      ['event', moved],
    ]);
  });

  const tooLarge = (lastCode: string | null) => ['held', sourceKey('a'), ['row-too-large'], lastCode, 0];

  it('holds a new row that is too large, by its key alone', () => {
    expect(insert(row('a', codeOf(1), longAddress))).toEqual([tooLarge(null)]);
    expect(remove(row('a', codeOf(1), longAddress))).toEqual([['released', sourceKey('a')]]);
  });

  it('holds a row that was held for something else and is mended but too large: once, and does not release it', () => {
    expect(insert(row('a', null))).toEqual([['held', sourceKey('a'), expect.any(Array), null, 3]]);
    expect(update(row('a', null), row('a', codeOf(1), longAddress))).toEqual([tooLarge(null)]);
    expect(book.has(sourceKey('a'))).toBe(true);
    expect(update(row('a', codeOf(1), longAddress), row('a', codeOf(1)))).toEqual([
      ['event', codeOf(1)],
      ['released', sourceKey('a')],
    ]);
    expect(book.size).toBe(0);
  });

  it('keeps the last good version of a row that became too large, and acts on its key later', () => {
    expect(insert(row('a', codeOf(1)))).toEqual([['event', codeOf(1)]]);
    expect(update(row('a', codeOf(1)), row('a', codeOf(1), longAddress))).toEqual([tooLarge(codeOf(1))]);
    expect(update(row('a', codeOf(1), longAddress), row('a', codeOf(1), `${longAddress}y`))).toEqual([tooLarge(codeOf(1))]);
    expect(remove(row('a', codeOf(1), longAddress))).toEqual([
      ['event', codeOf(1)],
      ['tombstone', codeOf(1)],
      ['released', sourceKey('a')],
    ]);
  });

  it('withdraws the old key of a row that moved to another and is too large there', () => {
    insert(row('a', codeOf(1)));
    expect(update(row('a', codeOf(1)), row('a', codeOf(2), longAddress))).toEqual([
      ['event', codeOf(1)],
      ['tombstone', codeOf(1)],
      tooLarge(null),
    ]);
    expect(update(row('a', codeOf(2), longAddress), row('a', codeOf(2)))).toEqual([
      ['event', codeOf(2)],
      ['released', sourceKey('a')],
    ]);
  });

  it('keeps the codes of rows that are held and may be published, for no other row', () => {
    const live = new LiveCodes(capture.dataset.name, 1_000_000);
    const parts = { tables: new Map([[tableName, capture]]), books: new Map([[tableName, book]]), liveCodes: new Map([[tableName, live]]) };
    const sentBelow = () => ({ epoch: 1, sequence: 1_000n, index: 0 });
    const again = new RowPublication({
      sourceId: 's',
      connector: 'postgresql',
      release: 1,
      epoch: 1,
      ...parts,
      sentBelow,
      clock,
      telemetry,
    });
    again.change({ kind: 'insert', relation, index: 0, after: row('a', codeOf(1), 'Số  1') }, transaction());
    expect(book.intendedKeys(sourceKey('a')).map(({ code }) => code)).toEqual([codeOf(1)]);
    const second = again.change({ kind: 'insert', relation, index: 0, after: row('b', codeOf(1)) }, transaction());
    expect(shown([...second, ...again.settleContested()])).toEqual([['held', sourceKey('b'), ['second-row-of-code'], null, 3]]);
  });

  it('withdraws what was last published of a held row, too, when it moves and is too large', () => {
    insert(row('a', codeOf(1)));
    expect(update(row('a', codeOf(1)), row('a', null))).toEqual([['held', sourceKey('a'), expect.any(Array), codeOf(1), 3]]);
    expect(update(row('a', null), row('a', codeOf(2), longAddress))).toEqual([
      ['event', codeOf(1)],
      ['tombstone', codeOf(1)],
      tooLarge(null),
    ]);
    expect(remove(row('a', codeOf(2), longAddress))).toEqual([['released', sourceKey('a')]]);
  });
});
