/** Statements that an administrator can run at the source, composed from what the mapping says. */
import { columnsOf, parseVia, type Via } from '@truc/mapping';
import type { SourceDocument, TableDocument } from './document.js';

/** A name as PostgreSQL reads it: quoted unless it is plain lower case. */
export function sqlName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** `schema.table`. */
export function sqlTable(table: string): string {
  return table.split('.').map(sqlName).join('.');
}

/** A key of its own for a table that has none; whole old rows, since its other columns are in no key. */
export function primaryKeySql(table: string): string {
  const name = sqlTable(table);
  return `ALTER TABLE ${name} ADD COLUMN truc_id bigserial, ADD PRIMARY KEY (truc_id); ALTER TABLE ${name} REPLICA IDENTITY FULL;`;
}

/** Brings a code that is several foreign keys away into the row: a column, filled for the rows that lead to exactly one code. */
export function farCodeSql(source: SourceDocument, table: TableDocument, { tables, code }: Extract<Via, { kind: 'far' }>): string {
  const name = sqlTable(table.table);
  const column = sqlName(code);
  const [first] = tables;
  const from = columnsOf(table.identification.column);
  const start = from.map((child, index) => `t1.${sqlName(first?.key[index] ?? child)} AS k${index + 1}`);
  const joins = tables.slice(1).map((next, index) => {
    const near = tables[index] ?? next;
    const alias = `t${index + 2}`;
    const { columns, key } = foreignKey(source, near.table, next);
    const on = (of: string, names: readonly string[]) => `(${names.map((one) => `${of}.${sqlName(one)}`).join(', ')})`;
    return ` JOIN ${sqlTable(next.table)} ${alias} ON ${on(alias, key)} = ${on(`t${index + 1}`, columns)}`;
  });
  const last = `t${tables.length}.${column}`;
  const keys = from.map((_, index) => `k${index + 1}`);
  return (
    `ALTER TABLE ${name} ADD COLUMN ${column} text; ` +
    `UPDATE ${name} t SET ${column} = f.code FROM (SELECT ${start.join(', ')}, min(${last}::text) AS code FROM ${sqlTable(first?.table ?? '')} t1${joins.join('')} ` +
    `GROUP BY ${keys.join(', ')} HAVING count(DISTINCT ${last}) = 1) f WHERE ${from.map((child, index) => `t.${sqlName(child)} = f.k${index + 1}`).join(' AND ')}; ` +
    `ALTER TABLE ${name} REPLICA IDENTITY FULL;`
  );
}

/** How `near` points to `next`: as the mapping of `near` says it, else by the key of `next` under the same names. */
function foreignKey(
  source: SourceDocument,
  near: string,
  next: { readonly table: string; readonly key: readonly string[] },
): { columns: readonly string[]; key: readonly string[] } {
  const entry = source.tables.find(({ table }) => table === near);
  const via = entry === undefined ? null : viaOf(entry.identification.via);
  if (entry !== undefined && via?.kind === 'parent' && via.parent.table === next.table) {
    return { columns: columnsOf(entry.identification.column), key: via.parent.key };
  }
  const own = source.tables.find(({ table }) => table === next.table)?.primaryKey ?? [];
  const key = next.key.length > 0 ? next.key : own.length > 0 ? own : ['id'];
  return { columns: key, key };
}

function viaOf(text: string | null): Via | null {
  try {
    return parseVia(text);
  } catch {
    return null;
  }
}
