import type { QuarantineEntry } from '@truc/pipeline';

export const exportFormats = ['csv', 'jsonl'] as const;
export type ExportFormat = (typeof exportFormats)[number];

const facts = [
  'entry',
  'dataset',
  'table',
  'row_key',
  'held_at',
  'position',
  'published',
  'rules',
  'elements',
  'fields',
  'reasons',
] as const;

/** Excel takes a file for UTF-8 by its mark only. */
const byteOrderMark = '\ufeff';

/** The first line of a CSV file: what is known of a row, then the columns of the source, each as `column:<name>`. */
export function csvHead(columns: readonly string[]): string {
  return byteOrderMark + csvLine([...facts, ...columns.map((column) => `column:${column}`)]);
}

/** One row in clear. A column that the entry does not show is empty, as is NULL: JSON lines tell them apart. */
export function csvRow(entry: QuarantineEntry, columns: readonly string[]): string {
  const { reasons } = entry;
  const known = [
    String(entry.entry),
    entry.dataset,
    entry.table,
    entry.sourceKey,
    new Date(entry.heldAtMs).toISOString(),
    positionText(entry),
    entry.lastPublishedKey === null ? 'no' : 'yes',
    distinct(reasons.map(({ rule }) => rule)),
    distinct(reasons.flatMap(({ element }) => (element === null ? [] : [element]))),
    distinct(reasons.map(({ field }) => field)),
    distinct(reasons.map(({ reason }) => reason)),
  ];
  return csvLine([...known, ...columns.map((column) => entry.columns[column] ?? '')]);
}

/** One row in clear, exactly as quarantine has it. */
export function jsonRow(entry: QuarantineEntry): string {
  const { entry: offset, dataset, table, sourceKey, heldAtMs, lastPublishedKey, reasons, columns } = entry;
  const told = reasons.map(({ rule, element, field, reason }) => ({ rule, element, field, reason }));
  const row = {
    entry: String(offset),
    dataset,
    table,
    rowKey: sourceKey,
    heldAt: new Date(heldAtMs).toISOString(),
    position: positionText(entry),
  };
  return `${JSON.stringify({ ...row, published: lastPublishedKey !== null, reasons: told, columns })}\n`;
}

/** RFC 4180. What a spreadsheet would take for a formula is led by an apostrophe. */
function csvLine(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function positionText({ position: { epoch, sequence, index } }: QuarantineEntry): string {
  return `${epoch}/${sequence}/${index}`;
}

function distinct(texts: readonly string[]): string {
  return [...new Set(texts)].join('; ');
}
