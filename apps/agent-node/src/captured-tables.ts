import type { TablePolicy } from '@truc/mapping';
import type { CapturedTable } from '@truc/postgres-capture';

/** What is read of a source: its tables, and those that are read only because others have their codes there. */
export function capturedTables(tables: readonly TablePolicy[]): CapturedTable[] {
  const captured = new Map<string, CapturedTable>();
  for (const { table, primaryKey, identification } of tables) {
    const { via } = identification;
    captured.set(table, { table, primaryKey, ...(via === undefined ? {} : { parent: { table: via.table, key: via.key } }) });
  }
  for (const { identification } of tables) {
    const { via } = identification;
    if (via !== undefined && !captured.has(via.table)) captured.set(via.table, { table: via.table, primaryKey: via.key });
  }
  return [...captured.values()];
}
