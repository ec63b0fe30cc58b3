import { TrucError } from '@truc/kernel';
import type { Client } from 'pg';
import { quoteTable, splitTableName, type CapturedTable } from './captured-table.js';
import { notPublished } from './published-table.js';
import { textRows, withSession } from './source-session.js';

/** What the catalogue says of one captured table, as far as capturing rests on it. */
export interface TableFacts {
  readonly table: string;
  readonly exists: boolean;
  readonly isPartitioned: boolean;
  readonly columns: readonly string[];
  /** Columns that the publication sends, null when it does not hold the table (under this name). */
  readonly published: readonly string[] | null;
  readonly publishesEverything: boolean;
  /** Column sets on which a valid, immediate, whole-table unique index over NOT NULL columns stands. */
  readonly uniqueKeys: readonly (readonly string[])[];
  /** Of the table, or of its leaf partitions, which is where PostgreSQL takes it from. */
  readonly identities: readonly { readonly table: string; readonly kind: 'd' | 'n' | 'f' | 'i'; readonly columns: readonly string[] }[];
  /** Of the table itself: what the stream announces. */
  readonly announcedIdentity: 'd' | 'n' | 'f' | 'i';
}

const FACTS = `
  WITH target AS (SELECT c.* FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                   WHERE n.nspname = $2 AND c.relname = $3 AND c.relkind IN ('r', 'p')),
  leaf AS (SELECT c.oid, c.relreplident, c.oid::regclass::text AS name FROM pg_class c
            WHERE c.relkind = 'r' AND c.oid IN (SELECT oid FROM target UNION SELECT t.relid FROM target, pg_partition_tree(target.oid) t)),
  names AS (SELECT i.indexrelid, i.indrelid, json_agg(a.attname ORDER BY k.place) AS columns, bool_and(a.attnotnull) AS not_null
              FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(attnum, place)
              JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
             WHERE k.place <= i.indnkeyatts AND i.indrelid IN (SELECT oid FROM target UNION SELECT oid FROM leaf) GROUP BY 1, 2)
  SELECT json_build_object(
    'isPartitioned', target.relkind = 'p',
    'announcedIdentity', target.relreplident,
    'columns', (SELECT json_agg(attname) FROM pg_attribute WHERE attrelid = target.oid AND attnum > 0 AND NOT attisdropped),
    'published', (SELECT to_json(attnames) FROM pg_publication_tables WHERE pubname = $1 AND schemaname = $2 AND tablename = $3),
    'publishesEverything', (SELECT pubinsert AND pubupdate AND pubdelete AND pubtruncate FROM pg_publication WHERE pubname = $1),
    'uniqueKeys', (SELECT coalesce(json_agg(names.columns), '[]') FROM pg_index i JOIN names USING (indexrelid)
                    WHERE i.indrelid = target.oid AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL AND names.not_null),
    'identities', (SELECT coalesce(json_agg(json_build_object('table', leaf.name, 'kind', leaf.relreplident, 'columns', coalesce(
                     (SELECT names.columns FROM pg_index i JOIN names USING (indexrelid) WHERE i.indrelid = leaf.oid
                        AND CASE leaf.relreplident WHEN 'd' THEN i.indisprimary WHEN 'i' THEN i.indisreplident ELSE false END), '[]'))), '[]') FROM leaf)
  ) FROM target`;

/**
 * What stands in the way of capturing these tables, each with the SQL that helps; empty when nothing does. For `source check` and before a start: while streaming, a
 * table that changed is its dataset's affair and not the source's.
 * @throws TrucError when the catalogue cannot be read
 */
export function inspectTables(connectionString: string, publication: string, tables: readonly CapturedTable[]): Promise<TrucError[]> {
  return withSession(connectionString, 'checking the captured tables', async (client) => {
    const problems: TrucError[] = [];
    for (const table of tables) problems.push(...tableProblems(table, await tableFacts(client, publication, table.table), publication));
    return problems;
  });
}

async function tableFacts(client: Client, publication: string, table: string): Promise<TableFacts> {
  const name = splitTableName(table);
  const [row] = await textRows(client, FACTS, [publication, name.schema, name.table]);
  if (row === undefined) {
    const nothing = { isPartitioned: false, columns: [], published: null, publishesEverything: false, uniqueKeys: [], identities: [] };
    return { table, exists: false, ...nothing, announcedIdentity: 'd' };
  }
  return { table, exists: true, ...(JSON.parse(row[0] ?? '{}') as Omit<TableFacts, 'table' | 'exists'>) };
}

/** The decision, without I/O. */
export function tableProblems({ table, primaryKey }: CapturedTable, facts: TableFacts, publication: string): TrucError[] {
  const quoted = quoteTable(splitTableName(table));
  const key = primaryKey.join(', ');
  if (!facts.exists)
    return [new TrucError('CAPTURE_TABLE_UNKNOWN', `there is no table ${table} in the source (a view cannot be captured)`)];
  if (facts.published === null) return [notPublished(publication, table)];
  const problems: TrucError[] = [];
  const add = (code: string, sentence: string) => problems.push(new TrucError(code, sentence));

  if (!facts.publishesEverything) {
    add(
      'CAPTURE_PUBLICATION_INCOMPLETE',
      `the publication "${publication}" leaves out some kinds of changes: ALTER PUBLICATION "${publication}" SET (publish = 'insert, update, delete, truncate')`,
    );
  }
  for (const column of primaryKey.filter((column) => !facts.columns.includes(column))) {
    add('CAPTURE_COLUMN_UNKNOWN', `${table}.${column} is part of the key and does not exist`);
  }
  for (const column of primaryKey.filter((column) => facts.columns.includes(column) && !facts.published!.includes(column))) {
    add(
      'CAPTURE_COLUMN_NOT_PUBLISHED',
      `${table}.${column} is part of the key and the publication "${publication}" leaves it out: add it to the table's column list`,
    );
  }
  const sameColumns = (columns: readonly string[]) =>
    columns.length === primaryKey.length && columns.every((column) => primaryKey.includes(column));
  if (!facts.uniqueKeys.some(sameColumns)) {
    add(
      'CAPTURE_KEY_NOT_UNIQUE',
      `${table} has no unique index over exactly (${key}), all NOT NULL: name its real key in the mapping, or ALTER TABLE ${quoted} ADD PRIMARY KEY`,
    );
  }
  for (const { table: leaf, kind, columns } of facts.identities) {
    if (kind !== 'f' && !primaryKey.every((column) => columns.includes(column))) {
      add(
        'CAPTURE_REPLICA_IDENTITY',
        `deletes and key changes of ${leaf} would not carry the key (${key}): ALTER TABLE ${leaf} REPLICA IDENTITY USING INDEX with a unique index that ` +
          'holds the key, or FULL where the publication has no column list for the table (with one, PostgreSQL then refuses every UPDATE)',
      );
    } else if (facts.announcedIdentity === 'f' && kind !== 'f') {
      add(
        'CAPTURE_REPLICA_IDENTITY',
        `${table} is announced with replica identity FULL and its partition ${leaf} has another one, so that missing old values would look like NULL: ` +
          `ALTER TABLE ${leaf} REPLICA IDENTITY FULL`,
      );
    }
  }
  return problems;
}
