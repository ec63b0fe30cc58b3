import { parse } from 'csv-parse/sync';
import { messageOf } from '@truc/kernel';
import { z } from 'zod';
import { codeListDefinition, type CodeListDefinition } from './entry.js';

/** Entries of lists that are supplied from outside, as CSV text with a header, by the list's URN. */
export type SuppliedEntries = Readonly<Record<string, string>>;

const nonEmpty = z.string().min(1);

/** Where a list's entries come from when they are not written in its file: the columns of a CSV. Dates are a column, a constant day, or null. */
const entriesSource = z.strictObject({
  file: nonEmpty,
  codeColumn: nonEmpty,
  labelColumns: z.strictObject({ vi: nonEmpty, en: nonEmpty }),
  validFrom: nonEmpty.nullable(),
  validTo: nonEmpty.nullable(),
  /** Column with the code that took an entry's place; an empty cell is none. */
  supersededBy: nonEmpty.nullable().default(null),
  /** Column with the unit that an entry is a part of; a file without it says nothing of that. */
  parent: nonEmpty.nullable().default(null),
});
type EntriesSource = z.infer<typeof entriesSource>;

/** Entries that are valid "always" begin on this day. */
const always = '1900-01-01';

interface ReadList {
  readonly definition: CodeListDefinition;
  readonly problem: string | null;
}

/** A code list's file. Parsing yields the function that completes it with the supplied entries. */
export const codeListFile = codeListDefinition
  .extend({
    entries: codeListDefinition.shape.entries.optional(),
    entriesFrom: entriesSource.optional(),
    // Whoever writes a list down says how far it is.
    status: z.enum(['proposed', 'approved', 'deprecated', 'retired']),
  })
  .refine((list) => (list.entries === undefined) !== (list.entriesFrom === undefined), 'a code list has either entries or entriesFrom')
  .transform(({ entries, entriesFrom, ...bare }) => (supplied: SuppliedEntries): ReadList => {
    const { id } = bare;
    if (entriesFrom === undefined) return { definition: { ...bare, entries: entries ?? [] }, problem: null };
    const csv = supplied[id];
    // A list without entries judges nothing, whatever it says of itself; once it has some, it is as open as it says.
    if (csv === undefined) return { definition: { ...bare, entries: [] }, problem: null };
    try {
      return { definition: codeListDefinition.parse({ ...bare, entries: entriesOf(csv, entriesFrom) }), problem: null };
    } catch (error) {
      const what = error instanceof z.ZodError ? z.prettifyError(error).split('\n').slice(0, 4).join(' ') : messageOf(error);
      return { definition: { ...bare, entries: [] }, problem: `the supplied entries cannot be read: ${what}` };
    }
  });

function entriesOf(csv: string, source: EntriesSource) {
  const rows: Record<string, string>[] = parse(csv, { columns: true, bom: true, skip_empty_lines: true });
  const columns = new Set(Object.keys(rows[0] ?? {}));
  const named = [source.codeColumn, source.labelColumns.vi, source.labelColumns.en, source.supersededBy ?? source.codeColumn];
  const absent = rows.length === 0 ? [] : named.filter((column) => !columns.has(column));
  if (absent.length > 0) throw new Error(`no column ${absent.join(', ')}`);
  const day = (text: string | null, row: Record<string, string>) => (text !== null && columns.has(text) ? row[text] || null : text);
  return rows.map((row) => ({
    code: row[source.codeColumn],
    label: labelOf(row[source.labelColumns.vi], row[source.labelColumns.en]),
    validFrom: day(source.validFrom, row) ?? always,
    validTo: day(source.validTo, row),
    supersededBy: (source.supersededBy === null ? null : row[source.supersededBy]) || null,
    parent: (source.parent === null ? null : row[source.parent]) || null,
  }));
}

/** A code without any label is a code all the same. */
function labelOf(vi: string | undefined, en: string | undefined): { vi: string | undefined; en: string | undefined } | null {
  return vi === '' && en === '' ? null : { vi, en };
}
