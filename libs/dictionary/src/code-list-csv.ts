import { CsvError, parse } from 'csv-parse/sync';
import { csvProblem, type CsvFault, type CsvProblem } from './csv-fault-text.js';
import { codeCharsMax, type CodeListEntry, type ValueDomain } from './entry.js';
import type { Language } from '@truc/kernel';
import { codesPerListMax } from './release-bounds.js';
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
  /** Of the sentences about bad rows. */
  readonly language?: Language;
}

type Tell = (line: number, fault: CsvFault, values?: Readonly<Record<string, string | number>>) => void;

/** Entries that are valid "always" begin on this day. */
const always = '1900-01-01';
const control = /[\u0000-\u001f\u007f-\u009f]/;

/** Reads a code list from CSV with a header; comma or semicolon, any line ends. Every bad row is told, with its line, and all of its faults at once. */
export function readCodeListCsv(
  text: string,
  { columns = codeListColumns, domains = [], language = 'en' }: CodeListCsvOptions = {},
): ReadCodeList {
  const problems: CsvProblem[] = [];
  const tell: Tell = (line, fault, values = {}) => void problems.push(csvProblem(line, fault, language, values));
  const records = recordsOf(text, tell);
  const [header, ...rows] = records;
  const mended = { composed: 0, trimmed: 0 };
  if (header === undefined) {
    tell(1, 'empty');
    return { entries: [], problems, mended };
  }
  const names = header.cells.map((name) => tidy(name, { composed: 0, trimmed: 0 }));
  const absent = [columns.code, columns.vi, columns.en].filter((name) => !names.includes(name));
  const day = columns.validFrom;
  if (day !== null && !isDay(day) && !names.includes(day)) absent.push(day);
  const twice = names.filter((name, index) => name !== '' && names.indexOf(name) !== index);
  if (absent.length > 0) tell(header.line, 'no-column', { columns: absent.join(', '), header: names.join(', ') });
  else if (twice.length > 0) tell(header.line, 'column-twice', { column: twice[0] ?? '' });
  if (absent.length > 0 || twice.length > 0) return { entries: [], problems, mended };
  if (rows.length > codesPerListMax) tell(header.line, 'too-many-rows', { count: rows.length, limit: codesPerListMax });

  const forms = domains.flatMap((domain) => formTest(domain) ?? []);
  const read: PlacedEntry[] = [];
  for (const { line, cells } of rows.slice(0, codesPerListMax)) {
    if (cells.length !== names.length) {
      tell(line, 'cells', { count: cells.length, columns: names.length });
      continue;
    }
    const row = new Map(names.map((name, index) => [name, tidy(cells[index] ?? '', mended)]));
    const entry = entryOf(row, columns, forms, (fault, values) => tell(line, fault, values));
    if (entry !== null) read.push({ line, entry });
  }
  tellOfList(read, tell);
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

function recordsOf(text: string, tell: Tell): CsvRecord[] {
  let lastSkipped = 0;
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
      if (line !== lastSkipped) tell(line, 'unreadable');
      lastSkipped = line;
      return undefined;
    },
  }) as unknown as { info: { lines: number }; record: string[] }[];
  // The parser tells where a record ends; one whose texts have line ends began above.
  return records.map(({ info, record }) => ({ line: info.lines - lineEnds(record), cells: record }));
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

type TellOfRow = (fault: CsvFault, values?: Readonly<Record<string, string | number>>) => void;

function entryOf(
  row: ReadonlyMap<string, string>,
  columns: CodeListColumns,
  forms: readonly ((text: string) => unknown)[],
  tellOf: TellOfRow,
): CodeListEntry | null {
  let isSound = true;
  const tell: TellOfRow = (fault, values) => {
    isSound = false;
    tellOf(fault, values);
  };
  const cell = (column: string | null): string => (column === null ? '' : (row.get(column) ?? ''));
  const code = cell(columns.code);
  if (code === '') tell('no-code');
  else if (control.test(code) || code.length > codeCharsMax) tell('code-text');
  else if (forms.length > 0 && forms.every((form) => form(code) !== null)) {
    const hasLostZeros = forms.some((form) => padded(code).some((text) => form(text) === null));
    tell(hasLostZeros ? 'code-zeros' : 'code-form', { code });
  }
  // Whoever read the file as text before us left this in the place of bytes that were none.
  if ([...row.values()].some((text) => text.includes('\ufffd'))) tell('was-not-utf-8');
  const [vi, en] = [cell(columns.vi), cell(columns.en)];
  if ((vi === '') !== (en === '')) tell('one-label', vi === '' ? { there: 'en', absent: 'vi' } : { there: 'vi', absent: 'en' });
  if (control.test(vi) || control.test(en)) tell('label-text');
  const validFrom = dayOf(columns.validFrom, row, tell) ?? always;
  const validTo = dayOf(columns.validTo, row, tell);
  if (validTo !== null && validTo < validFrom) tell('ends-before', { from: validFrom, to: validTo });
  const supersededBy = cell(columns.supersededBy) || null;
  if (supersededBy !== null && supersededBy === code) tell('superseded-by-itself');
  const parent = cell(columns.parent) || null;
  const label = vi === '' || en === '' ? null : { vi, en };
  return isSound ? { code, label, validFrom, validTo, supersededBy, parent } : null;
}

/** What a number may have been before a spreadsheet took it for one. */
function padded(code: string): string[] {
  return /^[0-9]+$/.test(code) ? [1, 2, 3, 4, 5, 6].map((zeros) => '0'.repeat(zeros) + code) : [];
}

function dayOf(column: string | null, row: ReadonlyMap<string, string>, tell: TellOfRow): string | null {
  if (column === null) return null;
  const text = row.get(column) ?? (isDay(column) ? column : '');
  if (text === '') return null;
  if (isDay(text)) return text;
  const [, day = '', month = '', year = ''] = /^([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{4})$/.exec(text) ?? [];
  const iso = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  tell(isDay(iso) ? 'day-order' : 'day', { column, text, day, month, year, iso });
  return null;
}

/** What is wrong between rows: the same row twice, periods of one code that overlap, a successor that is not in the list. */
function tellOfList(read: readonly PlacedEntry[], tell: Tell): void {
  const byCode = new Map<string, PlacedEntry[]>();
  for (const one of read) {
    const others = byCode.get(one.entry.code);
    if (others === undefined) byCode.set(one.entry.code, [one]);
    else others.push(one);
  }
  for (const rows of byCode.values()) tellOfOverlaps(rows, tell);
  for (const { line, entry } of read) {
    const { supersededBy } = entry;
    if (supersededBy !== null && !byCode.has(supersededBy)) tell(line, 'superseded-by-nothing', { code: supersededBy });
  }
}

/** Each period is compared with the one that reaches furthest of those that began before: sorting keeps a code with many rows from costing their square. */
function tellOfOverlaps(rows: readonly PlacedEntry[], tell: Tell): void {
  let reach: PlacedEntry | null = null;
  for (const one of rows.toSorted((a, b) => byCodeAndDay(a.entry, b.entry) || a.line - b.line)) {
    if (reach !== null && one.entry.validFrom <= (reach.entry.validTo ?? '9999-12-31')) {
      const [later, earlier] = one.line > reach.line ? [one, reach] : [reach, one];
      const isSame = one.entry.validFrom === reach.entry.validFrom && one.entry.validTo === reach.entry.validTo;
      tell(later.line, isSame ? 'twice' : 'overlap', { code: one.entry.code, line: earlier.line });
    }
    if (reach === null || (one.entry.validTo ?? '9999-12-31') > (reach.entry.validTo ?? '9999-12-31')) reach = one;
  }
}

/** A day that there is, as in 2025-07-01. */
function isDay(text: string): boolean {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) return false;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}
