import { TrucError } from '@truc/kernel';
import type { TargetTable } from '@truc/pipeline';
import { qualifiedName, quoteIdentifier } from './identifier.js';
import { SHAPE_LOCK } from './own-schema.js';
import type { Session } from './session.js';
import { APPLIED_AT_COLUMN, checkTable, KEY_COLUMNS, POSITION_COLUMN, shapeOf, sqlType } from './table-shape.js';

/** Name and SQL type of a column. */
type ColumnShape = readonly [name: string, type: string];

/** A table that exists and is fit for one shape. */
export interface PreparedTable {
  readonly qualified: string;
  /** Every dictionary column the table has, also those that this shape does not know. */
  readonly columns: readonly string[];
  /** Raised whenever anybody adds columns. */
  readonly generation: number;
}

const ownColumns: readonly ColumnShape[] = [
  ...KEY_COLUMNS.map((name): ColumnShape => [name, 'text']),
  [POSITION_COLUMN, 'bytea'],
  [APPLIED_AT_COLUMN, 'timestamp with time zone'],
];

/** Creates and evolves data tables, and remembers per table and shape what it found. Columns are added and never dropped. */
export class TableCatalogue {
  readonly #prepared = new Map<string, PreparedTable>();

  /**
   * Makes the table fit for the shape, in a transaction of its own.
   * @throws TrucError APPLY_TABLE_INVALID, APPLY_TABLE_FOREIGN, APPLY_TABLE_MISSING, APPLY_COLUMN_FOREIGN, APPLY_COLUMN_MISSING, APPLY_COLUMN_TYPE_DIFFERS
   */
  async prepare(session: Session, table: TargetTable): Promise<PreparedTable> {
    const key = `${qualifiedName(table)} ${shapeOf(table)}`;
    const known = this.#prepared.get(key);
    if (known !== undefined) return known;
    checkTable(table);
    const prepared = await session.transaction(async () => {
      await session.query(SHAPE_LOCK);
      return createOrEvolve(session, table);
    });
    this.#prepared.set(key, prepared);
    return prepared;
  }

  /** True when nobody has added columns since the tables were prepared; else they are forgotten, to be prepared anew. */
  async areCurrent(session: Session, tables: readonly PreparedTable[]): Promise<boolean> {
    const { rows } = await session.query<{ table_name: string; generation: number }>(
      'SELECT table_name, generation FROM truc.tables WHERE table_name = ANY($1)',
      [tables.map(({ qualified }) => qualified)],
    );
    const generations = new Map(rows.map((row) => [row.table_name, row.generation]));
    const current = tables.every(({ qualified, generation }) => generations.get(qualified) === generation);
    if (!current) this.forget();
    return current;
  }

  forget(): void {
    this.#prepared.clear();
  }
}

async function createOrEvolve(session: Session, table: TargetTable): Promise<PreparedTable> {
  const qualified = qualifiedName(table);
  const wanted = table.columns.map(({ name, type }): ColumnShape => [name, sqlType(type)]);
  const recorded = await session.query<{ columns: ColumnShape[]; generation: number }>(
    'SELECT columns, generation FROM truc.tables WHERE table_name = $1',
    [qualified],
  );
  const record = recorded.rows[0];
  const found = await readColumns(session, table);
  if (record === undefined) {
    if (found !== null) {
      throw new TrucError(
        'APPLY_TABLE_FOREIGN',
        `${qualified} exists already and was not made by this service, so nothing is applied to it. Rename that table, or name another target table in the contract`,
      );
    }
    return createTable(session, table, wanted);
  }
  if (found === null) {
    throw new TrucError(
      'APPLY_TABLE_MISSING',
      `${qualified} was made by this service and is gone. Restore it; or, to load it from the beginning, delete its row of truc.tables, its rows of truc.deleted_rows and the offsets of its topic in truc.offsets`,
    );
  }
  const known = new Map(record.columns);
  checkColumns(qualified, [...ownColumns, ...record.columns], found);
  const added = wanted.filter(([name]) => !known.has(name));
  for (const [name] of added) {
    if (found.has(name)) {
      throw new TrucError(
        'APPLY_COLUMN_FOREIGN',
        `${qualified}.${quoteIdentifier(name)} is a new field of the dataset, and a column of that name exists that this service did not make. Rename that column`,
      );
    }
  }
  checkColumns(
    qualified,
    wanted.filter(([name]) => known.has(name)),
    found,
  );
  if (added.length === 0) return { qualified, columns: record.columns.map(([name]) => name), generation: record.generation };
  const columns = [...record.columns, ...added];
  await session.query(`ALTER TABLE ${qualified} ${added.map((column) => `ADD COLUMN ${columnDefinition(column)}`).join(', ')}`);
  await session.query('UPDATE truc.tables SET columns = $2, generation = generation + 1, updated_at = now() WHERE table_name = $1', [
    qualified,
    JSON.stringify(columns),
  ]);
  return { qualified, columns: columns.map(([name]) => name), generation: record.generation + 1 };
}

async function createTable(session: Session, table: TargetTable, wanted: readonly ColumnShape[]): Promise<PreparedTable> {
  const qualified = qualifiedName(table);
  const { rows } = await session.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [table.schema]);
  if (rows.length === 0) await session.query(`CREATE SCHEMA ${quoteIdentifier(table.schema)}`);
  await session.query(
    `CREATE TABLE ${qualified} (
       ${KEY_COLUMNS.map((name) => `${name} text COLLATE "C" NOT NULL`).join(', ')},
       ${wanted.map((column) => `${columnDefinition(column)}, `).join('')}
       ${POSITION_COLUMN} bytea NOT NULL,
       ${APPLIED_AT_COLUMN} timestamptz NOT NULL,
       PRIMARY KEY (${KEY_COLUMNS.join(', ')})
     )`,
  );
  await session.query('INSERT INTO truc.tables (table_name, schema_name, name, columns, generation) VALUES ($1, $2, $3, $4, 1)', [
    qualified,
    table.schema,
    table.name,
    JSON.stringify(wanted),
  ]);
  return { qualified, columns: wanted.map(([name]) => name), generation: 1 };
}

const columnDefinition = ([name, type]: ColumnShape): string => `${quoteIdentifier(name)} ${type}`;

/** Columns as they are in the database, null when there is no relation of that name. */
async function readColumns(session: Session, { schema, name }: TargetTable): Promise<Map<string, string> | null> {
  const { rows } = await session.query<{ column: string | null; type: string | null }>(
    `SELECT a.attname AS column, format_type(a.atttypid, a.atttypmod) AS type
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      WHERE n.nspname = $1 AND c.relname = $2`,
    [schema, name],
  );
  if (rows.length === 0) return null;
  return new Map(rows.flatMap(({ column, type }) => (column === null || type === null ? [] : [[column, type] as const])));
}

function checkColumns(qualified: string, wanted: readonly ColumnShape[], found: ReadonlyMap<string, string>): void {
  for (const [name, type] of wanted) {
    const column = `${qualified}.${quoteIdentifier(name)}`;
    const is = found.get(name);
    if (is === undefined) {
      throw new TrucError(
        'APPLY_COLUMN_MISSING',
        `${column} was made by this service and is gone; its values would be lost silently. Restore the column (${type}) with its values`,
      );
    }
    if (is !== type) {
      throw new TrucError(
        'APPLY_COLUMN_TYPE_DIFFERS',
        `${column} is wanted as ${type} and found as ${is}. A field of a dataset never changes its type: take the new dataset generation into a table of another name; or, if the column was altered by hand, take that back with ALTER TABLE ${qualified} ALTER COLUMN ${quoteIdentifier(name)} TYPE ${type}`,
      );
    }
  }
}
