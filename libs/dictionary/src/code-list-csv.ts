import { CsvError, parse } from 'csv-parse/sync';
import type { CsvProblem } from './csv-bytes.js';
import type { CodeListEntry, ValueDomain } from './entry.js';
import { formTest } from './text-rules.js';

/** Which columns of a CSV hold what. `validFrom` and `validTo` are a column, a day that is the same for all, or null. */
export interface CodeListColumns {
  readonly code: string;
  readonly vi: string;
  readonly en: string;
  readonly validFrom: string | null;
  readonly validTo: string | null;
  /** Absent columns are none. */
  readonly supersededBy: string | null;
  readonly parent: string | null;
}

/** The columns that an export writes. */
export const codeListColumns: CodeListColumns = {
  code: 'code',
  vi: 'label_vi',
  en: 'label_en',
  validFrom: 'valid_from',
  validTo: 'valid_to',
  supersededBy: 'superseded_by',
  parent: 'parent',
};

export interface ReadCodeList {
  /** In the order of codes and days; what is wrong is left out. */
  readonly entries: readonly CodeListEntry[];
  /** Every bad row, in the order of lines; the file is worth nothing unless there is none. */
  readonly problems: readonly CsvProblem[];
  /** Cells that were mended without asking: composed (NFC), or without the space around them. */
  readonly mended: { readonly composed: number; readonly trimmed: number };
}

export interface CodeListCsvOptions {
  readonly columns?: CodeListColumns;
  /** Domains that take their values from the list: a code that fits none of them is told. */
  readonly domains?: readonly ValueDomain[];
}

/** Entries that are valid "always" begin on this day. */
const always = '1900-01-01';
const rowsMax = 200_000;
const codeCharsMax = 100;
const control = /[\u0000-\u001f\u007f-\u009f]/;

/** Reads a code list from CSV with a header; comma or semicolon, any line ends. Every bad row is told, with its line, and all of its faults at once. */
export function readCodeListCsv(text: string, { columns = codeListColumns, domains = [] }: CodeListCsvOptions = {}): ReadCodeList {
  const { records, problems } = recordsOf(text);
  const [header, ...rows] = records;
  const mended = { composed: 0, trimmed: 0 };
  if (header === undefined)
    return { entries: [], problems: [...problems, { line: 1, what: 'the file is empty: it needs a header' }], mended };
  const names = header.cells.map((name) => tidy(name, { composed: 0, trimmed: 0 }));
  const absent = [columns.code, columns.vi, columns.en].filter((name) => !names.includes(name));
  const day = columns.validFrom;
  if (day !== null && !isDay(day) && !names.includes(day)) absent.push(day);
  const twice = names.filter((name, index) => name !== '' && names.indexOf(name) !== index);
  if (absent.length > 0 || twice.length > 0) {
    const what =
      absent.length > 0 ? `no column ${absent.join(', ')}; the header has ${names.join(', ')}` : `the column ${twice[0]} stands twice`;
    return { entries: [], problems: [...problems, { line: header.line, what }], mended };
  }
  if (rows.length > rowsMax) problems.push({ line: header.line, what: `${rows.length} rows; a code list has at most ${rowsMax}` });

  const forms = domains.flatMap((domain) => formTest(domain) ?? []);
  const read: PlacedEntry[] = [];
  for (const { line, cells } of rows.slice(0, rowsMax)) {
    if (cells.length !== names.length) {
      problems.push({ line, what: `${cells.length} cells under ${names.length} columns: a text with a comma stands in quotes` });
      continue;
    }
    const row = new Map(names.map((name, index) => [name, tidy(cells[index] ?? '', mended)]));
    const { entry, faults } = entryOf(row, columns, forms);
    problems.push(...faults.map((what) => ({ line, what })));
    if (entry !== null) read.push({ line, entry });
  }
  problems.push(...listFaults(read));
  const entries = read.map(({ entry }) => entry).toSorted(byCodeAndDay);
  return { entries, problems: problems.toSorted((a, b) => a.line - b.line), mended };
}

export function byCodeAndDay(a: CodeListEntry, b: CodeListEntry): number {
  if (a.code !== b.code) return a.code < b.code ? -1 : 1;
  return a.validFrom < b.validFrom ? -1 : a.validFrom > b.validFrom ? 1 : 0;
}

interface PlacedEntry {
  readonly line: number;
  readonly entry: CodeListEntry;
}

interface CsvRecord {
  readonly line: number;
  readonly cells: readonly string[];
}

function recordsOf(text: string): { records: CsvRecord[]; problems: CsvProblem[] } {
  const problems: CsvProblem[] = [];
  const plain = text.startsWith('\ufeff') ? text.slice(1) : text;
  const header = plain.slice(0, plain.search(/[\r\n]|$/));
  const records = parse(plain, {
    delimiter: header.includes(',') || !header.includes(';') ? ',' : ';',
    skip_empty_lines: true,
    relax_column_count: true,
    skip_records_with_error: true,
    max_record_size: 64 * 1024,
    info: true,
    on_skip: (error) => {
      const line = error instanceof CsvError ? Number((error as unknown as { lines?: unknown }).lines ?? 1) : 1;
      // A row with several such quotes is skipped once for each.
      if (problems.at(-1)?.line !== line)
        problems.push({ line, what: 'the row cannot be read: a quote is open, or stands inside a text without being doubled' });
      return undefined;
    },
  }) as unknown as { info: { lines: number }; record: string[] }[];
  return {
    // The parser tells where a record ends; one whose texts have line ends began above.
    records: records.map(({ info, record }) => ({ line: info.lines - lineEnds(record), cells: record })),
    problems,
  };
}

function lineEnds(cells: readonly string[]): number {
  return cells.reduce((sum, cell) => sum + (cell.match(/\r\n|\r|\n/g)?.length ?? 0), 0);
}

/** Spreadsheets leave spaces around a text, and Macs take its letters and marks apart. */
function tidy(cell: string, mended: { composed: number; trimmed: number }): string {
  const trimmed = cell.trim();
  if (trimmed !== cell) mended.trimmed += 1;
  const composed = trimmed.normalize('NFC');
  if (composed !== trimmed) mended.composed += 1;
  return composed;
}

function entryOf(
  row: ReadonlyMap<string, string>,
  columns: CodeListColumns,
  forms: readonly ((text: string) => unknown)[],
): { readonly entry: CodeListEntry | null; readonly faults: string[] } {
  const faults: string[] = [];
  const cell = (column: string | null): string => (column === null ? '' : (row.get(column) ?? ''));
  const code = cell(columns.code);
  if (code === '') faults.push('there is no code');
  else if (control.test(code) || code.length > codeCharsMax) faults.push('the code holds a control character, or more than 100 characters');
  else if (forms.length > 0 && forms.every((form) => form(code) !== null)) {
    faults.push(
      `the code "${code}" does not have the form that the dictionary asks for${forms.some((form) => padded(code).some((text) => form(text) === null)) ? ': did a spreadsheet drop its leading zeros?' : ''}`,
    );
  }
  // Whoever read the file as text before us left this in the place of bytes that were none.
  if ([...row.values()].some((text) => text.includes('\ufffd')))
    faults.push('a text was not UTF-8 when the file was read: save it as "CSV UTF-8"');
  const [vi, en] = [cell(columns.vi), cell(columns.en)];
  if ((vi === '') !== (en === '')) faults.push(`there is a label in ${vi === '' ? 'en' : 'vi'} and none in ${vi === '' ? 'vi' : 'en'}`);
  if (control.test(vi) || control.test(en)) faults.push('a label holds a line end or another control character');
  const validFrom = dayOf(columns.validFrom, row, 'valid from', faults) ?? always;
  const validTo = dayOf(columns.validTo, row, 'valid to', faults);
  if (validTo !== null && validTo < validFrom) faults.push(`it ends on ${validTo}, before it begins on ${validFrom}`);
  const supersededBy = cell(columns.supersededBy) || null;
  if (supersededBy !== null && supersededBy === code) faults.push('the code is superseded by itself');
  const parent = cell(columns.parent) || null;
  const label = vi === '' || en === '' ? null : { vi, en };
  return { entry: faults.length > 0 ? null : { code, label, validFrom, validTo, supersededBy, parent }, faults };
}

/** What a number may have been before a spreadsheet took it for one. */
function padded(code: string): string[] {
  return /^[0-9]+$/.test(code) ? [1, 2, 3, 4, 5, 6].map((zeros) => '0'.repeat(zeros) + code) : [];
}

function dayOf(column: string | null, row: ReadonlyMap<string, string>, what: string, faults: string[]): string | null {
  if (column === null) return null;
  const text = row.get(column) ?? (isDay(column) ? column : '');
  if (text === '') return null;
  if (isDay(text)) return text;
  const [, day, month, year] = /^([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{4})$/.exec(text) ?? [];
  const iso = `${year}-${month?.padStart(2, '0')}-${day?.padStart(2, '0')}`;
  const hint = isDay(iso) ? `; if it is ${day} ${month} ${year}, write ${iso}` : '';
  faults.push(`${what} "${text.slice(0, 40)}" is no day as in 2025-07-01${hint}`);
  return null;
}

/** What is wrong between rows: the same row twice, periods of one code that overlap, a successor that is not in the list. */
function listFaults(read: readonly PlacedEntry[]): CsvProblem[] {
  const byCode = new Map<string, PlacedEntry[]>();
  for (const one of read) {
    const others = byCode.get(one.entry.code);
    if (others === undefined) byCode.set(one.entry.code, [one]);
    else others.push(one);
  }
  const overlaps = [...byCode.values()].flatMap(overlapsOf);
  const adrift = read.flatMap(({ line, entry: { supersededBy } }) =>
    supersededBy === null || byCode.has(supersededBy)
      ? []
      : [{ line, what: `it is superseded by "${supersededBy}", which is not in the file` }],
  );
  return [...overlaps, ...adrift];
}

/** Each period is compared with the one that reaches furthest of those that began before: sorting keeps a code with many rows from costing their square. */
function overlapsOf(rows: readonly PlacedEntry[]): CsvProblem[] {
  const problems: CsvProblem[] = [];
  let reach: PlacedEntry | null = null;
  for (const one of rows.toSorted((a, b) => byCodeAndDay(a.entry, b.entry) || a.line - b.line)) {
    if (reach !== null && one.entry.validFrom <= (reach.entry.validTo ?? '9999-12-31')) {
      const [later, earlier] = one.line > reach.line ? [one, reach] : [reach, one];
      const isSame = one.entry.validFrom === reach.entry.validFrom && one.entry.validTo === reach.entry.validTo;
      const what = isSame ? 'stands twice, first' : 'is in force twice on the same day: its other period stands';
      problems.push({ line: later.line, what: `the code "${one.entry.code}" ${what} on line ${earlier.line}` });
    }
    if (reach === null || (one.entry.validTo ?? '9999-12-31') > (reach.entry.validTo ?? '9999-12-31')) reach = one;
  }
  return problems;
}

/** A day that there is, as in 2025-07-01. */
function isDay(text: string): boolean {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) return false;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}
