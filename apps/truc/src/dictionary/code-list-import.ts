import {
  codeListColumns,
  codeListDifference,
  csvTextOf,
  raisedVersion,
  readCodeListCsv,
  type CodeDifference,
  type CodeListColumns,
  type CodeListDefinition,
  type CodeListEntry,
  type CsvProblem,
  type DictionaryContent,
} from '@truc/dictionary';
import { type Language, TrucError } from '@truc/kernel';

/** What an import of a file would do; with problems it does nothing. */
export interface CodeListImport {
  readonly problems: readonly CsvProblem[];
  readonly mended: { readonly composed: number; readonly trimmed: number };
  readonly difference: readonly CodeDifference[];
  /** The list as it is to be; null where nothing differs. */
  readonly next: CodeListDefinition | null;
}

export interface ImportOptions {
  readonly columns?: Partial<CodeListColumns>;
  /** The version that the list gets; without it its middle number goes up. */
  readonly version?: string | undefined;
  /** Of the sentences about bad rows. */
  readonly language?: Language;
}

/** Decides what a CSV file makes of a code list, which it holds whole. */
export function codeListImport(
  bytes: Uint8Array,
  list: CodeListDefinition,
  { valueDomains }: Pick<DictionaryContent, 'valueDomains'>,
  { columns = {}, version = raisedVersion(list.version), language = 'en' }: ImportOptions = {},
): CodeListImport {
  const { text, problems: undecoded } = csvTextOf(bytes, language);
  if (undecoded.length > 0) return { problems: undecoded, mended: { composed: 0, trimmed: 0 }, difference: [], next: null };
  const domains = valueDomains.filter(({ codeList }) => codeList === list.id);
  const { entries, problems, mended } = readCodeListCsv(text, { columns: { ...codeListColumns, ...columns }, domains, language });
  if (problems.length > 0) return { problems, mended, difference: [], next: null };
  const difference = codeListDifference(list.entries, entries);
  return { problems, mended, difference, next: difference.length === 0 ? null : { ...list, version, entries: [...entries] } };
}

/** @param name its URN, or the last part of it @throws TrucError CODELIST_UNKNOWN */
export function codeListNamed(name: string, { codeLists }: DictionaryContent): CodeListDefinition {
  const id = name.startsWith('urn:') ? name : `urn:vn:ddict:codelist:${name}`;
  const list = codeLists.find((one) => one.id === id);
  if (list !== undefined) return list;
  const names = codeLists.map((one) => one.id.slice('urn:vn:ddict:codelist:'.length)).join(', ');
  throw new TrucError(
    'CODELIST_UNKNOWN',
    `the dictionary has no code list "${name}"; it has ${names}. A new one is proposed as YAML (truc dictionary propose)`,
  );
}

/** A line for each code that comes, goes or changes, as in a diff. */
export function differenceLines(difference: readonly CodeDifference[], max: number): string[] {
  const lines = difference.slice(0, max).flatMap(({ code, change, before, after }) => {
    switch (change) {
      case 'added':
        return [`+ ${code}  ${after.map(periodText).join('; ')}`];
      case 'removed':
        return [`- ${code}  ${before.map(periodText).join('; ')}`];
      case 'changed':
        return [`~ ${code}  ${before.map(periodText).join('; ')}`, `  ${' '.repeat(code.length)}  -> ${after.map(periodText).join('; ')}`];
    }
  });
  return difference.length > max ? [...lines, `  and ${difference.length - max} more codes (--json shows all)`] : lines;
}

function periodText({ label, validFrom, validTo, supersededBy, parent }: CodeListEntry): string {
  const names = label === null ? '' : `${label.vi} / ${label.en}, `;
  return `${names}${validFrom}..${validTo ?? ''}${supersededBy === null ? '' : `, then ${supersededBy}`}${parent === null ? '' : `, in ${parent}`}`;
}

export function countsOf(difference: readonly CodeDifference[]): { added: number; changed: number; removed: number } {
  const of = (wanted: CodeDifference['change']): number => difference.filter(({ change }) => change === wanted).length;
  return { added: of('added'), changed: of('changed'), removed: of('removed') };
}
