import { z } from 'zod';
import { readCodeListCsv, type CodeListColumns } from './code-list-csv.js';
import { codeListDefinition, type CodeListDefinition } from './entry.js';
import type { Bilingual } from '@truc/kernel';

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

interface ReadList {
  readonly definition: CodeListDefinition;
  /** False where its entries come from outside and did not come with it. */
  readonly isSupplied: boolean;
  /** With file and line of the supplied entries. */
  readonly problems: readonly Bilingual[];
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
    if (entriesFrom === undefined) return { definition: { ...bare, entries: entries ?? [] }, isSupplied: true, problems: [] };
    const csv = supplied[id];
    // A list without entries judges nothing, whatever it says of itself; once it has some, it is as open as it says.
    if (csv === undefined) return { definition: { ...bare, entries: [] }, isSupplied: false, problems: [] };
    const columns = columnsOf(entriesFrom);
    const { entries: read, problems } = readCodeListCsv(csv, { columns });
    // Read once more for its sentences alone, and only where there are any.
    const inVietnamese = problems.length === 0 ? [] : readCodeListCsv(csv, { columns, language: 'vi' }).problems;
    const placed = (line: number, what: string): string => `${entriesFrom.file}:${line}: ${what}`;
    return {
      definition: { ...bare, entries: [...read] },
      isSupplied: true,
      problems: problems.map(({ line, what }, index) => ({ en: placed(line, what), vi: placed(line, inVietnamese[index]?.what ?? what) })),
    };
  });

function columnsOf({ codeColumn, labelColumns, validFrom, validTo, supersededBy, parent }: EntriesSource): CodeListColumns {
  return { code: codeColumn, ...labelColumns, validFrom, validTo, supersededBy, parent };
}
