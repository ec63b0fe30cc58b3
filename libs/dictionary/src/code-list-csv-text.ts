import { codeListColumns } from './code-list-csv.js';
import type { CodeListEntry } from './entry.js';

/** A code list as CSV: a header, LF, texts in quotes where they need them. With `byteOrderMark` spreadsheets take it for UTF-8. */
export function codeListCsvText(
  entries: readonly CodeListEntry[],
  { byteOrderMark = false }: { readonly byteOrderMark?: boolean } = {},
): string {
  const { code, vi, en, validFrom, validTo, supersededBy, parent } = codeListColumns;
  const lines = [
    [code, vi, en, validFrom, validTo, supersededBy, parent],
    ...entries.map((entry) => [
      entry.code,
      entry.label?.vi,
      entry.label?.en,
      entry.validFrom,
      entry.validTo,
      entry.supersededBy,
      entry.parent,
    ]),
  ].map((cells) => cells.map((cell) => quoted(cell ?? '')).join(','));
  return `${byteOrderMark ? '\ufeff' : ''}${lines.join('\n')}\n`;
}

function quoted(text: string): string {
  return /[",;\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
