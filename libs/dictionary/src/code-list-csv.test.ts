import fc from 'fast-check';
import { codeListCsvText } from './code-list-csv-text.js';
import { byCodeAndDay, codeListColumns, readCodeListCsv } from './code-list-csv.js';
import { codeListDifference } from './code-list-diff.js';
import { csvTextOf } from './csv-bytes.js';
import type { CodeListEntry, ValueDomain } from './entry.js';
import { testRelease } from './shipped-release.test-data.js';

const header = 'code,label_vi,label_en,valid_from,valid_to';
const read = (...rows: string[]) => readCodeListCsv([header, ...rows, ''].join('\n'));
const told = (...rows: string[]) => read(...rows).problems.map(({ line, what }) => `${line}: ${what}`);
const entry = (code: string, more: Partial<CodeListEntry> = {}): CodeListEntry => ({
  code,
  label: { vi: 'Một', en: 'One' },
  validFrom: '2025-07-01',
  validTo: null,
  supersededBy: null,
  parent: null,
  ...more,
});

describe('a code list as CSV', () => {
  it.each<[string, string]>([
    ['LF', `${header}\n01,Một,One,2025-07-01,\n`],
    ['CRLF', `${header}\r\n01,Một,One,2025-07-01,\r\n`],
    ['CR', `${header}\r01,Một,One,2025-07-01,\r`],
    ['a byte order mark', `\ufeff${header}\n01,Một,One,2025-07-01,\n`],
    ['no line end at the end', `${header}\n01,Một,One,2025-07-01,`],
    ['semicolons', `${header}\n01,Một,One,2025-07-01,\n`.replaceAll(',', ';')],
    ['quotes', `${header}\n"01","Một","One","2025-07-01",""\n`],
    ['empty lines', `${header}\n\n01,Một,One,2025-07-01,\n\n`],
    ['letters and marks apart, and spaces', `${header}\n 01,\u00a0${'Một'.normalize('NFD')} ,One,2025-07-01,\n`],
    ['other columns, in another order', `valid_to,ghi_chu,label_en,label_vi,valid_from,code\n,x,One,Một,2025-07-01,01\n`],
  ])('is read with %s', (_, text) => {
    const { text: decoded, problems } = csvTextOf(Buffer.from(text));
    expect(problems).toEqual([]);
    expect(readCodeListCsv(decoded)).toMatchObject({ entries: [entry('01')], problems: [] });
  });

  it('tells how much it mended by itself', () => {
    const { mended } = read(` 01 ,${'Một'.normalize('NFD')},One,2025-07-01,`);
    expect(mended).toEqual({ composed: 1, trimmed: 1 });
  });

  it.each<[string, string[], string[]]>([
    ['no code', [',a,b,2025-07-01,'], ['2: there is no code']],
    ['one label', ['01,a,,2025-07-01,'], ['2: there is a label in vi and none in en']],
    ['a day that is none', ['01,a,b,2025-02-30,'], ['2: valid_from "2025-02-30" is no day as in 2025-07-01']],
    [
      'a day of another form',
      ['01,a,b,31/12/2025,'],
      ['2: valid_from "31/12/2025" is no day as in 2025-07-01; if it is 31 12 2025, write 2025-12-31'],
    ],
    ['an end before the beginning', ['01,a,b,2025-07-01,2025-06-30'], ['2: it ends on 2025-06-30, before it begins on 2025-07-01']],
    [
      'what was not UTF-8 when somebody else read it',
      ['01,Ph\ufffd,b,2025-07-01,'],
      [expect.stringContaining('2: a text was not UTF-8') as never],
    ],
    ['too many cells', ['01,a,b,2025-07-01,,x'], ['2: 6 cells under 5 columns: a text with a comma stands in quotes']],
    [
      'the same row twice',
      ['01,a,b,2025-07-01,', '02,a,b,2025-07-01,', '01,a,b,2025-07-01,'],
      ['4: the code "01" stands twice, first on line 2'],
    ],
    [
      'periods that overlap',
      ['01,a,b,2025-07-01,', '01,a,b,2025-01-01,2025-07-01'],
      ['3: the code "01" is in force twice on the same day: its other period stands on line 2'],
    ],
    [
      'a line end in a label',
      ['"01","a', 'c",b,2025-07-01,', '02,a,,2025-07-01,'],
      ['2: a label holds a line end or another control character', '4: there is a label in vi and none in en'],
    ],
    [
      'several faults of one row',
      [',a,,x,'],
      ['2: there is no code', '2: there is a label in vi and none in en', '2: valid_from "x" is no day as in 2025-07-01'],
    ],
    [
      'a quote inside a text',
      ['01,a "b" c,b,2025-07-01,', '02,a,,2025-07-01,'],
      [expect.stringMatching(/^2: the row cannot be read/) as never, '3: there is a label in vi and none in en'],
    ],
    [
      'a quote that is not closed',
      ['01,"a,b,2025-07-01,', '02,a,b,2025-07-01,'],
      [expect.stringMatching(/^[0-9]+: the row cannot be read/) as never],
    ],
  ])('tells of %s, with the line', (_, rows, expected) => {
    expect(told(...rows)).toEqual(expected);
  });

  it('does not take the rest of a file for one text where a quote is left open', () => {
    const rows = Array.from({ length: 5000 }, (_, index) => `${index},a,b,2025-07-01,`);
    const { problems } = read('x,"a,b,2025-07-01,', ...rows);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.length).toBeLessThan(10);
  });

  it('speaks Vietnamese too, under the same codes', () => {
    const vi = readCodeListCsv(`${header}\n,a,b,31/12/2025,\n`, { language: 'vi' });
    expect(vi.problems).toEqual([
      { line: 2, code: 'no-code', what: 'thiếu mã' },
      { line: 2, code: 'day-order', what: expect.stringContaining('nếu là ngày 31 tháng 12 năm 2025, hãy ghi 2025-12-31') as string },
    ]);
    expect(csvTextOf(Buffer.from('a\n\xff', 'latin1'), 'vi').problems).toMatchObject([
      { line: 2, code: 'not-utf-8', what: expect.stringMatching(/^byte 1/) as string },
    ]);
  });

  it('takes periods of one code that follow each other', () => {
    expect(told('01,a,b,2025-07-01,', '01,c,d,1900-01-01,2025-06-30')).toEqual([]);
  });

  it('tells of successors that are not there', () => {
    const { problems } = readCodeListCsv(`${header},superseded_by\n01,a,b,2025-07-01,,02\n02,a,b,2025-07-01,,02\n03,a,b,2025-07-01,,04\n`);
    expect(problems.map(({ line, what }) => `${line} ${what}`)).toEqual([
      '2 it is superseded by "02", which is not in the file',
      '3 the code is superseded by itself',
      '4 it is superseded by "04", which is not in the file',
    ]);
  });

  it('judges codes by the domains that take them, and guesses where zeros went', () => {
    const domains = testRelease()
      .valueDomains()
      .filter(({ codeList }) => codeList === 'urn:vn:ddict:codelist:province') as ValueDomain[];
    expect(domains.length).toBeGreaterThan(0);
    const { problems } = readCodeListCsv(`${header}\n01,a,b,2025-07-01,\n4,a,b,2025-07-01,\nAB,a,b,2025-07-01,\n`, { domains });
    expect(problems.map(({ line, what }) => [line, what.includes('leading zeros')])).toEqual([
      [3, true],
      [4, false],
    ]);
  });

  it.each<[string, string, string]>([
    ['nothing', '', 'the file is empty'],
    ['no code', 'ma,label_vi,label_en,valid_from\n', 'no column code'],
    ['no beginning', 'code,label_vi,label_en\n', 'no column valid_from'],
    ['a column twice', 'code,code,label_vi,label_en,valid_from\n', 'the column code stands twice'],
  ])('needs a header: %s', (_, text, expected) => {
    const { entries, problems } = readCodeListCsv(text);
    expect(entries).toEqual([]);
    expect(problems).toMatchObject([{ line: 1, what: expect.stringContaining(expected) }]);
  });

  it('takes columns of other names, and days that are the same for all', () => {
    const columns = { ...codeListColumns, code: 'ma', vi: 'ten', en: 'name', validFrom: '1900-01-01', validTo: null };
    expect(readCodeListCsv('ma,ten,name\n01,Một,One\n', { columns }).entries).toEqual([entry('01', { validFrom: '1900-01-01' })]);
    expect(readCodeListCsv('ma,ten,name\n01,,\n', { columns: { ...columns, validFrom: null } }).entries).toMatchObject([
      { label: null, validFrom: '1900-01-01' },
    ]);
  });

  it.each<[string, Buffer, { line: number; what: string }[]]>([
    ['UTF-16', Buffer.from(`\ufeff${header}`, 'utf16le'), [{ line: 1, what: expect.stringContaining('UTF-16') as never }]],
    [
      'UTF-16 the other way',
      Buffer.from(`\ufeff${header}`, 'utf16le').swap16(),
      [{ line: 1, what: expect.stringContaining('UTF-16') as never }],
    ],
    [
      'a code page of Windows',
      Buffer.from('code,x\n01,Ph\xf9 Y\xean\n02,x\n03,Ph\xf9\n', 'latin1'),
      [
        { line: 2, what: expect.stringContaining('byte 6 (0xf9)') as never },
        { line: 4, what: expect.stringContaining('byte 6') as never },
      ],
    ],
    ['a cut character', Buffer.from('a\nPhú').subarray(0, -1), [{ line: 2, what: expect.stringContaining('is not UTF-8') as never }]],
    ['NUL', Buffer.from('a\nb\0c\n'), [{ line: 2, what: expect.stringContaining('NUL') as never }]],
    ['too much', Buffer.alloc(33 * 1024 * 1024, 'a'), [{ line: 1, what: expect.stringContaining('bytes') as never }]],
  ])('is not read from %s', (_, bytes, expected) => {
    expect(csvTextOf(bytes)).toMatchObject({ text: '', problems: expected });
  });

  const day = fc.integer({ min: 0, max: 60_000 }).map((days) => new Date(days * 86_400_000).toISOString().slice(0, 10));
  const text = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 30 })
    .map((raw) =>
      raw
        .replaceAll(/[\u0000-\u001f\u007f-\u009f\ufeff\ufffd]/g, '')
        .trim()
        .normalize('NFC')
        .trim(),
    )
    .filter((tidy) => tidy !== '' && tidy.isWellFormed());
  const entries = fc
    .uniqueArray(
      fc.record({ code: text, vi: text, en: text, from: day, to: fc.option(day), parent: fc.option(text), isBare: fc.boolean() }),
      {
        selector: ({ code }) => code,
      },
    )
    .map((rows) =>
      rows
        .map(({ code, vi, en, from, to, parent, isBare }) =>
          entry(code, { label: isBare ? null : { vi, en }, validFrom: from, validTo: to !== null && to < from ? null : to, parent }),
        )
        .toSorted(byCodeAndDay),
    );

  it('is the same list after it was written and read, however it is written', () => {
    fc.assert(
      fc.property(entries, fc.boolean(), (list, byteOrderMark) => {
        const bytes = Buffer.from(codeListCsvText(list, { byteOrderMark }));
        const again = readCodeListCsv(csvTextOf(bytes).text);
        expect(again).toEqual({ entries: list, problems: [], mended: { composed: 0, trimmed: 0 } });
        expect(codeListDifference(list, again.entries)).toEqual([]);
      }),
    );
  });

  it('takes any bytes without falling over', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.string({ unit: 'binary' }).map((tail) => Buffer.from(`${header}\n${tail}`)),
    );
    fc.assert(
      fc.property(bytes, (some) => {
        const { text: decoded, problems } = csvTextOf(some);
        const result = readCodeListCsv(decoded);
        expect(problems.length + result.problems.length + result.entries.length).toBeGreaterThanOrEqual(0);
        for (const { line } of [...problems, ...result.problems]) expect(line).toBeGreaterThanOrEqual(1);
      }),
    );
  });
});

describe('the difference of two code lists', () => {
  it('is told by code, whatever the order of rows', () => {
    const [one, two] = [entry('01'), entry('02')];
    const former = entry('01', { validFrom: '1900-01-01', validTo: '2025-06-30' });
    expect(codeListDifference([one, two, former], [former, two, one])).toEqual([]);
    const ended = { ...two, validTo: '2026-01-01' };
    expect(codeListDifference([one, two], [one, former, ended, entry('03')]).map(({ code, change }) => [code, change])).toEqual([
      ['01', 'changed'],
      ['02', 'changed'],
      ['03', 'added'],
    ]);
    expect(codeListDifference([one, two], [one])).toMatchObject([{ code: '02', change: 'removed', before: [two], after: [] }]);
  });
});
