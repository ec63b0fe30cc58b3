import { TrucError } from '@truc/kernel';
import { escapeIdentifier, type Client } from 'pg';
import { quoteTable, splitTableName, type CapturedTable } from './captured-table.js';
import type { ReplicaIdentity } from './pgoutput-message.js';
import { knownRelation, type KnownRelation } from './source-relation.js';
import { textRows } from './source-session.js';
import type { TypeNames } from './type-names.js';

/** A captured table as the publication sends it: the columns in the order of the stream, and which rows. */
export interface PublishedTable {
  readonly known: KnownRelation;
  readonly keyIndexes: readonly number[];
  /** The publication's row filter as SQL, null when every row is published. */
  readonly rowFilter: string | null;
  /** Columns of the key that may be null, where rows without them are left out. */
  readonly nullableKey: readonly string[];
  /** The planner's estimate over all partitions; 0 when it was never analysed. */
  readonly rowsEstimated: number;
}

/**
 * One row per published column, in the table's order, with its membership of the replica identity. pg_get_publication_tables, below the view
 * pg_publication_tables, is what the output plugin itself goes by; PostgreSQL 14 publishes whole tables: its view has neither columns nor filters.
 * A generated column is published from 18 on; before that the view lists some that are not sent.
 */
const COLUMNS = `
  SELECT a.attname, a.atttypid, c.relreplident, to_jsonb(p) ->> 'rowfilter',
    (c.relreplident = 'f' OR EXISTS (
      SELECT FROM pg_index i WHERE i.indrelid = c.oid AND a.attnum = ANY (i.indkey)
        AND CASE c.relreplident WHEN 'd' THEN i.indisprimary WHEN 'i' THEN i.indisreplident ELSE false END
    )) AS in_identity,
    (SELECT coalesce(sum(greatest(leaf.reltuples, 0)), 0)::bigint
       FROM pg_class leaf
      WHERE leaf.oid IN (SELECT c.oid UNION SELECT t.relid FROM pg_partition_tree(c.oid) t) AND leaf.relkind <> 'p') AS rows_estimated,
    EXISTS (
      SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
        AND NOT EXISTS (
          SELECT FROM generate_series(0, i.indnkeyatts - 1) AS place
            LEFT JOIN pg_attribute k ON k.attrelid = c.oid AND k.attnum = i.indkey[place] AND k.attnum > 0
           WHERE k.attname IS NULL OR NOT k.attname = ANY (SELECT json_array_elements_text($4::json))
        )
    ) AS is_unique,
    a.attnotnull
  FROM pg_publication_tables p
  JOIN pg_namespace n ON n.nspname = p.schemaname
  JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = p.tablename
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
   AND coalesce(jsonb_exists(to_jsonb(p) -> 'attnames', a.attname::text), true)
   AND (a.attgenerated = '' OR current_setting('server_version_num')::int >= 180000)
  WHERE p.pubname = $1 AND p.schemaname = $2 AND p.tablename = $3
  ORDER BY a.attnum`;

const IDENTITIES: Readonly<Record<string, ReplicaIdentity>> = { d: 'default', n: 'nothing', f: 'full', i: 'index' };

/** @throws TrucError CAPTURE_TABLE_NOT_PUBLISHED, CAPTURE_TABLE_CHANGED, CAPTURE_KEY_NOT_UNIQUE */
export async function publishedTable(
  client: Client,
  publication: string,
  table: CapturedTable,
  typeNames: TypeNames,
): Promise<PublishedTable> {
  const name = splitTableName(table.table);
  const rows = await textRows(client, COLUMNS, [publication, name.schema, name.table, JSON.stringify(table.primaryKey)]);
  const [first] = rows;
  if (first === undefined) throw notPublished(publication, table.table);
  const nameOf = await typeNames.resolve(rows.map(([, typeId]) => Number(typeId)));
  const columns = rows.map(([column, typeId, , , inIdentity]) => ({
    name: column!,
    type: nameOf(Number(typeId)),
    inIdentity: inIdentity === 't',
  }));
  const known = knownRelation(name, columns, IDENTITIES[first[2] ?? ''] ?? 'default', table);
  if (known.keyIndexes === null) {
    throw new TrucError(
      'CAPTURE_TABLE_CHANGED',
      `the publication "${publication}" does not send all of the key (${table.primaryKey.join(', ')}) of ${table.table}: compare the mapping with the source`,
    );
  }
  if (first[6] !== 't') throw notUnique(table);
  const nullableKey = rows.flatMap(([column, , , , , , , notNull]) =>
    notNull !== 't' && table.primaryKey.includes(column!) ? [column!] : [],
  );
  if (nullableKey.length > 0 && table.isParent !== true) throw mayBeNull(table, nullableKey);
  return { known, keyIndexes: known.keyIndexes, rowFilter: first[3] ?? null, nullableKey, rowsEstimated: Number(first[5] ?? 0) };
}

/** Rows with one key would be one row: read once in a snapshot, and each in the place of the other at the consumers. What is sent of old rows does not help. */
function notUnique({ table, primaryKey }: CapturedTable): TrucError {
  const columns = primaryKey.map(escapeIdentifier).join(', ');
  return new TrucError(
    'CAPTURE_KEY_NOT_UNIQUE',
    `the mapping tells rows of ${table} apart by (${primaryKey.join(', ')}), and the table has no primary key or unique index over ${primaryKey.length === 1 ? 'that column' : 'those columns'}; ` +
      `REPLICA IDENTITY FULL takes the place of none. Its administrator adds one with: ALTER TABLE ${quoteTable(splitTableName(table))} ADD PRIMARY KEY (${columns})`,
  );
}

/** PostgreSQL takes any number of nulls for different, and a page of rows cannot begin behind one: rows would be left out, or read for ever. */
function mayBeNull({ table, primaryKey }: CapturedTable, columns: readonly string[]): TrucError {
  const altered = columns.map((column) => `ALTER COLUMN ${escapeIdentifier(column)} SET NOT NULL`).join(', ');
  return new TrucError(
    'CAPTURE_KEY_NOT_UNIQUE',
    `the mapping tells rows of ${table} apart by (${primaryKey.join(', ')}), and ${columns.join(', ')} may be null there, which tells nothing apart. ` +
      `Name another key, or have its administrator run: ALTER TABLE ${quoteTable(splitTableName(table))} ${altered}`,
  );
}

export function notPublished(publication: string, table: string): TrucError {
  return new TrucError(
    'CAPTURE_TABLE_NOT_PUBLISHED',
    `the publication "${publication}" does not hold ${table}. Its administrator adds it with: ` +
      `ALTER PUBLICATION "${publication}" ADD TABLE ${quoteTable(splitTableName(table))}; a partitioned table needs publish_via_partition_root = true`,
  );
}
