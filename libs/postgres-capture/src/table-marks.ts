import type { TableMarks } from '@truc/pipeline';
import type { Client } from 'pg';
import { splitTableName, type CapturedTable } from './captured-table.js';
import { parseLsn } from './lsn.js';
import { markChange, PARENTS, PARTS } from './mark-change.js';
import { textRows, withSession } from './source-session.js';

/** Of what nobody else can lock, or will be able to soon. */
const HELD = `locktype = 'relation' AND mode = 'AccessExclusiveLock' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;

/**
 * The ids of a table and of what makes it published: of the publication with what it publishes, the table, and its memberships, which are rows of the catalogue with ids of their own. A table that is taken
 * out and put back has another membership, one that is dropped and made anew another id; what stays in a list that is written anew (ALTER PUBLICATION ... SET TABLE) keeps its own, unless its columns
 * or its rows are others now.
 *
 * Of a partitioned table its partitions follow (`markChange`). One that was attached by a later transaction than the one that made it may have had rows before; how old it is tells the row of its
 * column ctid in the catalogue, which nothing changes.
 *
 * Somebody may hold a partition for hours (VACUUM FULL, an open TRUNCATE), and the look may not wait for that: it goes by the catalogue alone, not by pg_partition_tree, which locks every partition. The size
 * takes a lock; a partition that is held, or that somebody waits for, counts as one that had rows, which at worst costs a reading.
 */
const MARKS = `
  SELECT w ->> 0, w ->> 1,
    concat_ws('/', p.oid, concat(p.pubinsert, p.pubupdate, p.pubdelete, p.pubtruncate), c.oid,
      (SELECT string_agg(r.oid::text, '+' ORDER BY r.oid) FROM pg_publication_rel r
        WHERE r.prpubid = p.oid AND (r.prrelid = c.oid OR r.prrelid IN (SELECT relid FROM pg_partition_ancestors(c.oid)))) SCHEMAS)
    || CASE WHEN c.relkind = 'p' THEN '${PARTS}' || coalesce((
      WITH RECURSIVE tree AS (SELECT c.oid UNION ALL SELECT h.inhrelid FROM tree JOIN pg_inherits h ON h.inhparent = tree.oid AND NOT h.inhdetachpending)
      SELECT string_agg(concat(l.oid, nullif(concat(':', l.relfilenode), concat(':', l.oid)),
          CASE WHEN NOT was.attached THEN NULL WHEN l.oid IN (SELECT relation FROM pg_locks WHERE ${HELD}) THEN '!' WHEN pg_relation_size(l.oid) > 0 THEN '!' END), ',' ORDER BY l.oid)
        FROM tree JOIN pg_class l ON l.oid = tree.oid JOIN pg_attribute made ON made.attrelid = l.oid AND made.attname = 'ctid'
        CROSS JOIN LATERAL (
          SELECT EXISTS (SELECT FROM pg_partition_ancestors(l.oid) a JOIN pg_inherits h ON h.inhrelid = a.relid WHERE a.relid <> c.oid AND age(h.xmin) < age(made.xmin)) AS attached) was
       WHERE l.relkind <> 'p'), '') ELSE '' END
    FROM json_array_elements($2::json) w
    JOIN pg_publication p ON p.pubname = $1
    JOIN pg_namespace n ON n.nspname = w ->> 0
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w ->> 1
   WHERE EXISTS (SELECT FROM pg_publication_tables t WHERE t.pubname = p.pubname AND t.schemaname = n.nspname AND t.tablename = c.relname)`;

/** PostgreSQL 15 and later. */
const SCHEMAS = `,
      (SELECT 'schema ' || string_agg(s.oid::text, '+' ORDER BY s.oid) FROM pg_publication_namespace s WHERE s.pnpubid = p.oid AND s.pnnspid = c.relnamespace)`;

/** For what is locked between the look at the locks and that at a size, and for what the server itself locks to tell what is published. */
const LOCK_TIMEOUT = '2s';

/**
 * @param client waits for no lock for long from here on
 * @returns by `schema.table`, of those that are published
 */
export async function marksOf(client: Client, publication: string, tables: readonly string[]): Promise<Map<string, string>> {
  const [[version] = []] = await textRows(
    client,
    `SELECT current_setting('server_version_num'), set_config('lock_timeout', '${LOCK_TIMEOUT}', false)`,
  );
  const names = tables.map((name) => {
    const { schema, table } = splitTableName(name);
    return [schema, table];
  });
  const text = MARKS.replace('SCHEMAS', Number(version) >= 150_000 ? SCHEMAS : '');
  const rows = await textRows(client, text, [publication, JSON.stringify(names)]);
  return new Map(rows.map(([schema, table, mark]) => [`${schema}.${table}`, mark!]));
}

/** The table that has the codes of another's rows, by that other. */
export function parentsOf(tables: readonly CapturedTable[]): ReadonlyMap<string, string> {
  return new Map(tables.flatMap(({ table, parent }) => (parent === undefined ? [] : [[table, parent.table] as const])));
}

/** A table's mark, with that of the table that has the codes of its rows: without it the rows say too little. Undefined where one of them is not published. */
export function markWithParent(
  found: ReadonlyMap<string, string>,
  table: string,
  parents: ReadonlyMap<string, string>,
): string | undefined {
  const own = found.get(table);
  const parent = parents.get(table);
  if (own === undefined || parent === undefined) return own;
  const other = found.get(parent);
  return other === undefined ? undefined : `${own}${PARENTS}${other}`;
}

/** The marks, and where the log ends behind whatever made them. @throws TrucError */
export function readTableMarks(
  url: Parameters<typeof withSession>[0],
  publication: string,
  tables: readonly string[],
  parents: ReadonlyMap<string, string> = new Map(),
): Promise<TableMarks> {
  return withSession(url, `looking at the publication "${publication}"`, async (client) => {
    const found = await marksOf(client, publication, tables);
    const marks = new Map(
      tables.flatMap((table) => {
        const mark = markWithParent(found, table, parents);
        return mark === undefined ? [] : [[table, mark] as const];
      }),
    );
    const [[isStandby] = []] = await textRows(client, 'SELECT pg_is_in_recovery()');
    // Of a standby, what it has received: it has replayed no more than that.
    const end = isStandby === 't' ? 'greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())' : 'pg_current_wal_insert_lsn()';
    const [[lsn] = []] = await textRows(client, `SELECT ${end}`);
    // On disk before anybody believes it: after a crash of the server another log would grow up to there.
    if (isStandby !== 't')
      await client.query("SET synchronous_commit = local; SELECT pg_logical_emit_message(true, 'truc.publication', '')");
    return { marks, sequence: parseLsn(lsn ?? '0/0'), changeOf: markChange };
  });
}
