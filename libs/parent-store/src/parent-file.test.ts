import { appendFileSync, chmodSync, cpSync, mkdtempSync, readdirSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryParentEntries, MemoryParentFile, type ParentEntries, type ParentEntry, type ParentMark } from '@truc/pipeline';
import fc from 'fast-check';
import { openParentFile } from './parent-file.js';

const known = (code: string | null | undefined, more: Partial<ParentEntry> = {}): ParentEntry => ({
  code,
  formers: [],
  isAwaited: false,
  isPending: false,
  ...more,
});
const put = (entries: ParentEntries, key: string, entry: ParentEntry | null): ParentMark => entries.put(new Map([[key, entry]]));

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'truc-parents-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const kinds: readonly [string, () => () => ParentEntries][] = [
  ['on disk', () => () => openParentFile(directory, 'a')],
  [
    'in memory',
    () => {
      const file = new MemoryParentFile();
      return () => new MemoryParentEntries(file);
    },
  ],
];

describe.each(kinds)('entries %s', (_, disk) => {
  it('are as they were put, and found by their kind', () => {
    const entries = disk()();
    entries.begin(null);
    const all: [string, ParentEntry][] = [
      ['["1"]', known('một')],
      ['["2"]', known(null, { isAwaited: true })],
      ['["3"]', known(undefined, { isAwaited: true, isPending: true, formers: ['b', 'a'] })],
    ];
    entries.put(new Map(all));
    for (const [key, entry] of all) expect(entries.get(key)).toEqual(entry);
    expect(entries.get('["4"]')).toBeNull();
    expect(entries.keys('all', null, 9)).toEqual(['["1"]', '["2"]', '["3"]']);
    expect(entries.keys('all', '["1"]', 1)).toEqual(['["2"]']);
    expect(entries.keys('awaited', null, 9)).toEqual(['["2"]', '["3"]']);
    expect(entries.keys('pending', null, 9)).toEqual(['["3"]']);
    put(entries, '["3"]', null);
    expect(entries.get('["3"]')).toBeNull();
    entries.close();
  });

  it('go back to any mark that was not forgotten, under another name each time', () => {
    const open = disk();
    const first = open();
    expect(first.begin(null)).toBe(true);
    const one = put(first, 'a', known('1'));
    const two = put(first, 'a', known('2'));
    put(first, 'b', known('3'));
    first.close();
    const second = open();
    expect(second.begin(two)).toBe(true);
    expect([second.get('a'), second.get('b')]).toEqual([known('2'), null]);
    expect(second.mark).toEqual({ id: expect.not.stringMatching(`^${two.id}$`) as unknown, ordinal: two.ordinal });
    put(second, 'a', known('9'));
    second.close();
    // It ended before its mark was stored.
    const third = open();
    expect(third.begin(two)).toBe(true);
    expect(third.get('a')).toEqual(known('2'));
    const three = put(third, 'c', known('4'));
    third.forget(three);
    third.close();
    const fourth = open();
    expect(fourth.begin(one)).toBe(false);
    expect(fourth.begin(two)).toBe(false);
    expect(fourth.begin({ ...three, ordinal: three.ordinal + 1 })).toBe(false);
    expect(fourth.begin({ ...three, id: 'another' })).toBe(false);
    expect(fourth.begin(three)).toBe(true);
    fourth.close();
  });

  it('are nothing where they begin anew', () => {
    const open = disk();
    const first = open();
    first.begin(null);
    const mark = put(first, 'a', known('1'));
    first.close();
    const second = open();
    expect(second.begin(null)).toBe(true);
    expect(second.keys('all', null, 9)).toEqual([]);
    put(second, 'b', known('2'));
    second.close();
    const third = open();
    expect(third.begin(mark)).toBe(false);
    third.close();
  });

  it('are not written by whoever had them before', () => {
    const open = disk();
    const former = open();
    former.begin(null);
    const mark = put(former, 'a', known('1'));
    const present = open();
    present.begin(mark);
    expect(() => put(former, 'a', known('2'))).toThrow();
    expect(present.get('a')).toEqual(known('1'));
    const two = put(present, 'a', known('2'));
    put(present, 'a', known('3'));
    // Its mark may be acknowledged late.
    former.forget({ ...mark, ordinal: two.ordinal + 1 });
    present.undo(two);
    expect(present.get('a')).toEqual(known('2'));
    former.close();
    present.close();
  });
});

describe('a file of parents', () => {
  it('keeps what one in memory keeps, whatever is put and undone', () => {
    const change = fc.record({ key: fc.constantFrom('a', 'b', 'c'), code: fc.constantFrom('1', '2', null, undefined), gone: fc.boolean() });
    const step = fc.oneof(
      fc.record({ kind: fc.constant('put' as const), changes: fc.array(change, { minLength: 1, maxLength: 3 }) }),
      fc.record({ kind: fc.constant('reopen' as const), back: fc.nat(3) }),
      fc.record({ kind: fc.constant('forget' as const), back: fc.nat(3) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const file = new MemoryParentFile();
        const name = `run ${Math.random()}`;
        const open = (): [ParentEntries, ParentEntries] => [openParentFile(directory, name), new MemoryParentEntries(file)];
        let both = open();
        let marks = both.map((entries) => (entries.begin(null), [entries.mark]));
        const same = () => {
          const [disk, memory] = both.map((entries) => entries.keys('all', null, 99).map((key) => [key, entries.get(key)]));
          expect(disk).toEqual(memory);
        };
        for (const one of steps) {
          if (one.kind === 'put') {
            const changes = new Map(one.changes.map(({ key, code, gone }) => [key, gone ? null : known(code)]));
            both.forEach((entries, which) => marks[which]!.push(entries.put(changes)));
          } else if (one.kind === 'forget') {
            both.forEach((entries, which) => entries.forget(marks[which]!.at(-1 - one.back) ?? marks[which]![0]!));
          } else {
            both.forEach((entries) => entries.close());
            both = open();
            const found = both.map((entries, which) => entries.begin(marks[which]!.at(-1 - one.back) ?? marks[which]![0]!));
            expect(found[0]).toBe(found[1]);
            if (!found[0]) both.forEach((entries) => entries.begin(null));
            marks = both.map((entries) => [entries.mark]);
          }
          same();
        }
        both.forEach((entries) => entries.close());
      }),
      { numRuns: 25 },
    );
  });

  it("is its owner's alone", () => {
    const entries = openParentFile(join(directory, 'new/one'), 'a');
    entries.begin(null);
    put(entries, 'a', known('1'));
    expect(statSync(join(directory, 'new/one')).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(join(directory, 'new/one'))) expect(statSync(join(directory, 'new/one', name)).mode & 0o777).toBe(0o600);
    entries.close();
  });

  it('that was put back from an earlier copy is told apart', () => {
    const first = openParentFile(directory, 'a');
    first.begin(null);
    const one = put(first, 'a', known('1'));
    first.close();
    cpSync(directory, `${directory}-copy`, { recursive: true });
    const second = openParentFile(directory, 'a');
    second.begin(one);
    const two = put(second, 'a', known('2'));
    second.forget(two);
    second.close();
    rmSync(directory, { recursive: true });
    cpSync(`${directory}-copy`, directory, { recursive: true });
    rmSync(`${directory}-copy`, { recursive: true });
    const third = openParentFile(directory, 'a');
    expect(third.begin(two)).toBe(false);
    third.close();
  });

  it('is not begun with where its disk has no room for it', () => {
    expect(() => openParentFile(directory, 'a', Number.MAX_SAFE_INTEGER)).toThrow(
      expect.objectContaining({ code: 'CAPTURE_PARENTS_UNUSABLE', message: expect.stringMatching(/MiB of room.*dataDirectory/) }),
    );
  });

  it('is gone on with where there is less room than one is begun with', () => {
    const { bavail, bsize } = statfsSync(directory);
    const tooMuch = bavail * bsize * 2;
    expect(() => openParentFile(directory, 'a', tooMuch)).toThrow(expect.objectContaining({ code: 'CAPTURE_PARENTS_UNUSABLE' }));
    openParentFile(directory, 'a').close();
    openParentFile(directory, 'a', tooMuch).close();
  });

  it('that is no database any more is lost, and one that cannot be made is told with its place', () => {
    const first = openParentFile(directory, 'a');
    first.begin(null);
    const mark = put(first, 'a', known('1'));
    first.close();
    for (const name of readdirSync(directory)) writeFileSync(join(directory, name), 'x'.repeat(8192));
    const second = openParentFile(directory, 'a');
    expect(second.begin(mark)).toBe(false);
    expect(second.begin(null)).toBe(true);
    second.close();
    appendFileSync(join(directory, 'file'), '');
    expect(() => openParentFile(join(directory, 'file'), 'a')).toThrow(
      expect.objectContaining({ code: 'CAPTURE_PARENTS_UNUSABLE', message: expect.stringContaining('dataDirectory') }),
    );
    chmodSync(directory, 0o700);
  });
});
