import { stringify } from 'yaml';
import { oneOf } from './commands/option-parser.js';

export const outputFormats = ['table', 'json', 'yaml'] as const;
export type OutputFormat = (typeof outputFormats)[number];

export const outputFormat = oneOf('-o', outputFormats);

/** @param table the lines for a person; json and yaml show `value` as it is */
export function formatted(format: OutputFormat, value: unknown, table: () => readonly string[]): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(value, null, 2)}\n`;
    case 'yaml':
      return stringify(value);
    case 'table':
      return `${table().join('\n')}\n`;
  }
}

/** Columns under their heads, two spaces apart. */
export function tableLines(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const width = (column: number): number => Math.max(...[head, ...rows].map((row) => [...(row[column] ?? '')].length));
  const widths = head.map((_, column) => width(column));
  return [head, ...rows].map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - [...cell].length)))
      .join('  ')
      .trimEnd(),
  );
}
