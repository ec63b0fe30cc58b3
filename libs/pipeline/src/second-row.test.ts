import { compileCodec, unframe } from '@truc/avro';
import { decodeMasterDataKey, shippedSchema } from '@truc/change-event';
import type { RuleChoices } from '@truc/dictionary';
import { Telemetry } from '@truc/telemetry';
import fc from 'fast-check';
import { capturedResidents, clock, codeOf, relation, row, tableName } from './captured-residents.test-data.js';
import { LiveCodes } from './live-codes.js';
import type { LogRecord } from './log.js';
import { QuarantineBook } from './quarantine-book.js';
import { RowPublication } from './row-publication.js';
import type { RowChange } from './source-transaction.js';

const quarantined = compileCodec(shippedSchema('QuarantinedRow'));

describe('a second live row of a code', () => {
  const telemetry = new Telemetry({ service: 'test', otlpEndpoint: null });
  afterAll(() => telemetry.shutdown());

  /** A table that allows one row per code, and what its transactions become. */
  function source(rules: RuleChoices = {}) {
    const capture = capturedResidents('t', { oneRowPerCode: true, rules });
    const live = new LiveCodes(capture.dataset.name, 1_000_000);
    const book = new QuarantineBook(capture.dataset.quarantineTopic, 3);
    const parts = { tables: new Map([[tableName, capture]]), books: new Map([[tableName, book]]), liveCodes: new Map([[tableName, live]]) };
    const rows = new RowPublication({ sourceId: 's', connector: 'postgresql', release: 1, epoch: 1, ...parts, clock, telemetry });
    const published = new Map<string, string>();
    let sequence = 100n;
    const shown = ({ topic, key, value, headers }: LogRecord): string => {
      if (topic !== capture.dataset.topic) {
        if (value === null) return `released ${key.toString()}`;
        const { reasons } = quarantined.decode(unframe(value).body) as { reasons: { rule: string; reason: string }[] };
        return `held ${key.toString()} ${reasons.map(({ rule, reason }) => `${rule} ${reason}`).join()}`;
      }
      const { code, row: id } = decodeMasterDataKey(key).key;
      if (value === null) published.delete(`${code} ${id}`);
      else published.set(`${code} ${id}`, id);
      const marks = headers.filter((header) => header.key === 'truc-marks').map((header) => ` ${header.value.toString()}`);
      return `${value === null ? 'tombstone' : 'event'} ${code} ${id}${marks.join('')}`;
    };
    return {
      live,
      published,
      /** One transaction of several changes. */
      commit: (...changes: RowChange[]): string[] => {
        const transaction = { id: '7', sequence: (sequence += 1n), committedAtMs: clock.now(), ordinals: new Map<string, number>() };
        const records = changes.flatMap((change, index) => rows.change({ ...change, index }, transaction));
        return [...records, ...rows.settleContested()].map(shown);
      },
      snapshot: (...values: string[][]): string[] =>
        values.flatMap((one) => rows.snapshotRow(relation, one, (sequence += 1n), clock.now(), true)).map(shown),
    };
  }
  const of = (id: string, code: number) => row(id, codeOf(code)) as string[];
  const insert = (id: string, code: number): RowChange => ({ kind: 'insert', relation, index: 0, after: of(id, code) });
  const update = (id: string, from: number, to: number): RowChange => ({
    kind: 'update',
    relation,
    index: 0,
    before: of(id, from),
    beforeIsWhole: true,
    after: of(id, to),
  });
  const remove = (id: string, code: number): RowChange => ({
    kind: 'delete',
    relation,
    index: 0,
    before: of(id, code),
    beforeIsWhole: true,
  });
  const event = (id: string, code: number) => `event ${codeOf(code)} ["${id}"]`;
  const gone = (id: string, code: number) => [event(id, code), `tombstone ${codeOf(code)} ["${id}"]`];
  const second = (id: string) => `held ["${id}"] V9 second-row-of-code`;

  it('is held, and the first stays', () => {
    const { commit } = source();
    expect(commit(insert('a', 1))).toEqual([event('a', 1)]);
    expect(commit(insert('b', 1))).toEqual([second('b')]);
    expect(commit(update('a', 1, 1))).toEqual([event('a', 1)]);
    expect(commit(insert('c', 2))).toEqual([event('c', 2)]);
  });

  it('is published with its next version once the first is gone, or has another code', () => {
    const { commit } = source();
    commit(insert('a', 1), insert('b', 1), insert('c', 2), insert('d', 2));
    expect(commit(remove('a', 1))).toEqual(gone('a', 1));
    expect(commit(update('b', 1, 1))).toEqual([event('b', 1), 'released ["b"]']);
    commit(update('c', 2, 3));
    expect(commit(update('d', 2, 2))).toEqual([event('d', 2), 'released ["d"]']);
  });

  it('is none where the first goes in the same transaction, in whatever order', () => {
    const { commit } = source();
    commit(insert('a', 1));
    expect(commit(insert('b', 1), remove('a', 1))).toEqual([...gone('a', 1), event('b', 1)]);
    expect(commit(remove('b', 1), insert('c', 1))).toEqual([...gone('b', 1), event('c', 1)]);
  });

  it('is none where two rows exchange their codes', () => {
    const { commit, published } = source();
    commit(insert('a', 1), insert('b', 2));
    const records = commit(update('a', 1, 2), update('b', 2, 1));
    expect(records.some((line) => line.startsWith('held'))).toBe(false);
    expect([...published.keys()].sort()).toEqual([`${codeOf(1)} ["b"]`, `${codeOf(2)} ["a"]`]);
  });

  it('keeps the order of its own versions while it waits', () => {
    const { commit } = source();
    commit(insert('a', 1));
    expect(commit(insert('b', 1), update('b', 1, 2))).toEqual([second('b'), event('b', 2), 'released ["b"]']);
    expect(commit(insert('c', 1), remove('c', 1))).toEqual([second('c'), 'released ["c"]']);
  });

  it('of a published row leaves its last version published', () => {
    const { commit } = source();
    commit(insert('a', 1), insert('b', 2));
    expect(commit(update('b', 2, 1))).toEqual([second('b')]);
    // Its former code is still its own.
    expect(commit(insert('c', 2))).toEqual([second('c')]);
    expect(commit(remove('b', 1))).toEqual([...gone('b', 2), 'released ["b"]']);
  });

  it('passes with a mark or stops where the dataset chooses so', () => {
    const { commit } = source({ V9: 'pass' });
    commit(insert('a', 1));
    expect(commit(insert('b', 1))).toEqual([`${event('b', 1)} V9 person_personal_id second-row-of-code`]);
    const stopping = source({ V9: 'stop' });
    stopping.commit(insert('a', 1));
    expect(() => stopping.commit(insert('b', 1))).toThrow(expect.objectContaining({ code: 'CAPTURE_RULE_STOP' }));
  });

  it('is found by a snapshot as well, again and again', () => {
    const { snapshot } = source();
    expect(snapshot(of('a', 1), of('b', 1))).toEqual([event('a', 1), second('b')]);
    expect(snapshot(of('a', 1), of('b', 1))).toEqual([event('a', 1), second('b')]);
  });

  it('keeps the code that it would have given up, where it is held', () => {
    const { commit, published } = source();
    commit(insert('a', 1), insert('b', 2), insert('c', 3));
    // c wants the code of b, and b that of a, who stays.
    const records = commit(update('c', 3, 2), update('b', 2, 1));
    expect(records).toEqual([second('b'), second('c')]);
    expect([...published.keys()].sort()).toEqual([`${codeOf(1)} ["a"]`, `${codeOf(2)} ["b"]`, `${codeOf(3)} ["c"]`]);
  });

  it('never stands beside the first, whatever the transactions of the source are', () => {
    const change = fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd'), code: fc.constantFrom(1, 2, 3, 0) });
    fc.assert(
      fc.property(fc.array(fc.array(change, { minLength: 1, maxLength: 6 }), { maxLength: 15 }), (transactions) => {
        const { commit, published } = source();
        const table = new Map<string, number>();
        for (const transaction of transactions) {
          const changes = transaction.flatMap(({ id, code }): RowChange[] => {
            const before = table.get(id);
            if (code === 0) {
              table.delete(id);
              return before === undefined ? [] : [remove(id, before)];
            }
            table.set(id, code);
            return [before === undefined ? insert(id, code) : update(id, before, code)];
          });
          commit(...changes);
          const codes = [...published.keys()].map((key) => key.split(' ')[0]);
          expect(new Set(codes).size).toBe(codes.length);
          expect([...published.values()].every((id) => table.has(JSON.parse(id)[0] as string))).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});
