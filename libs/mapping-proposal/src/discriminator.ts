import type { ProposalTable, ProposedTransform } from './proposal.js';

/** Rows that have to be seen before it is believed that a column decides. */
const rowsLeast = 2;

/**
 * The column of an enum that decides in which rows another one has a value of its kind: `when`.
 * @param fits whether a value is of that kind
 * @returns null where none does, or every row has one
 */
export function discriminator(table: ProposalTable, column: string, fits: (text: string) => boolean): ProposedTransform | null {
  const { columns, rows } = table.samples;
  const place = columns.indexOf(column);
  if (place === -1 || rows.length < rowsLeast) return null;
  for (const { name, labels } of table.columns) {
    const at = columns.indexOf(name);
    if (labels.length < 2 || at === -1) continue;
    const [having, lacking] = [new Set<string>(), new Set<string>()];
    for (const row of rows) {
      const label = row[at];
      const value = row[place];
      if (label === null || label === undefined) continue;
      (typeof value === 'string' && fits(value) ? having : lacking).add(label);
    }
    const decides = having.size > 0 && lacking.size > 0 && [...having].every((label) => !lacking.has(label));
    if (decides) return { op: 'when', column: name, in: labels.filter((label) => having.has(label)) };
  }
  return null;
}
