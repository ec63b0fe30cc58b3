/** Columns of equal width; the first one to the left, numbers to the right. @param rows the first one is the heading */
export function resultTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  const [heading = [], ...rest] = rows;
  return [line(heading), widths.map((width) => '-'.repeat(width)).join('  '), ...rest.map(line)].map((text) => `${text}\n`).join('');
}

/** `38,300`; `-` for what is not known. */
export function count(value: number | null): string {
  return value === null ? '-' : Math.round(value).toLocaleString('en');
}

/** `39.4`. */
export function decimal(value: number | null, digits = 1): string {
  return value === null ? '-' : value.toFixed(digits);
}

/** `7.3 %` of 0.073. */
export function percent(share: number | null): string {
  return share === null ? '-' : `${(share * 100).toFixed(1)} %`;
}
