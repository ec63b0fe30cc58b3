import type { SurveySession } from './survey-session.js';
import type { TableFacts } from './table-facts.js';

/** Beyond this a database is looked at table by table, by name. */
export const tablesMax = 2_000;

/** Types whose values cannot grow past a few hundred bytes by their own limit are never worth keeping outside a row. */
const boundedBytesMax = 500;

const TABLES = `
  WITH target AS (
    SELECT c.*, n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
       AND CASE WHEN $1::text[] IS NULL THEN NOT c.relispartition AND ($2::text IS NULL OR n.nspname = $2) ELSE n.nspname || '.' || c.relname = ANY ($1) END
     ORDER BY n.nspname, c.relname LIMIT ${tablesMax}),
  leaf AS (
    SELECT target.oid AS root, c.* FROM target, pg_class c
     WHERE c.relkind = 'r' AND (c.oid = target.oid OR target.relkind = 'p' AND c.oid IN (SELECT t.relid FROM pg_partition_tree(target.oid) t))),
  key AS (
    SELECT i.indrelid, i.indexrelid, i.indisprimary, i.indisreplident, x.relname AS index,
           i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL AS is_key,
           json_agg(a.attname ORDER BY k.place) AS columns, bool_and(a.attnotnull) AS not_null
      FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
      CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(attnum, place)
      JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
     WHERE k.place <= i.indnkeyatts AND i.indisunique AND i.indrelid IN (SELECT oid FROM target UNION SELECT oid FROM leaf)
     GROUP BY 1, 2, 3, 4, 5, 6),
  identity AS (
    SELECT c.oid, json_build_object('table', n.nspname || '.' || c.relname, 'kind', c.relreplident, 'index', key.index, 'columns', coalesce(key.columns, '[]')) AS facts
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN key ON key.indrelid = c.oid AND CASE c.relreplident WHEN 'd' THEN key.indisprimary WHEN 'i' THEN key.indisreplident ELSE false END
     WHERE c.oid IN (SELECT oid FROM target UNION SELECT oid FROM leaf)),
  base AS (
    SELECT a.attrelid, a.attnum, t.typtype, t.oid AS type, b.oid AS base, b.typtype AS base_kind, coalesce(nullif(a.atttypmod, -1), d.typmod, -1) AS modifier
      FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
      CROSS JOIN LATERAL (
        WITH RECURSIVE step AS (
          SELECT t.oid, t.typtype, t.typbasetype, -1 AS typmod, 0 AS depth
          UNION ALL SELECT n.oid, n.typtype, n.typbasetype, CASE WHEN step.typmod = -1 THEN o.typtypmod ELSE step.typmod END, depth + 1
            FROM step JOIN pg_type o ON o.oid = step.oid JOIN pg_type n ON n.oid = step.typbasetype WHERE step.typtype = 'd')
        SELECT oid, typmod FROM step ORDER BY depth DESC LIMIT 1) d
      JOIN pg_type b ON b.oid = d.oid
     WHERE a.attrelid IN (SELECT oid FROM target) AND a.attnum > 0 AND NOT a.attisdropped)
  SELECT json_build_object(
    'table', target.nspname || '.' || target.relname, 'schema', target.nspname, 'name', target.relname,
    'owner', pg_get_userbyid(target.relowner), 'comment', obj_description(target.oid, 'pg_class'),
    'isPartitioned', target.relkind = 'p', 'hasRowSecurity', target.relrowsecurity,
    'rowsEstimated', (SELECT coalesce(sum(greatest(reltuples, 0)), 0)::bigint FROM leaf WHERE root = target.oid),
    'bytes', (SELECT coalesce(sum(pg_relation_size(oid) + coalesce(pg_relation_size(nullif(reltoastrelid, 0)), 0)), 0) FROM leaf WHERE root = target.oid),
    'toastBytes', (SELECT coalesce(sum(pg_relation_size(reltoastrelid)), 0) FROM leaf WHERE root = target.oid AND reltoastrelid <> 0),
    'updates', (SELECT coalesce(sum(pg_stat_get_tuples_updated(oid)), 0) FROM leaf WHERE root = target.oid),
    'deletes', (SELECT coalesce(sum(pg_stat_get_tuples_deleted(oid)), 0) FROM leaf WHERE root = target.oid),
    'sinceSeconds', (SELECT greatest(extract(epoch FROM now() - coalesce(stats_reset, pg_postmaster_start_time())), 1) FROM pg_stat_database WHERE datname = current_database()),
    'columns', (SELECT coalesce(json_agg(json_build_object(
        'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'baseType', format_type(base.base, base.modifier),
        'notNull', a.attnotnull, 'isGenerated', a.attgenerated <> '',
        'generation', CASE WHEN a.attgenerated <> '' THEN pg_get_expr(def.adbin, def.adrelid) END,
        'defaultsToNow', a.attgenerated = '' AND coalesce(pg_get_expr(def.adbin, def.adrelid), '') ~* '^\\(?(now\\(\\)|current_timestamp|current_date|transaction_timestamp\\(\\)|clock_timestamp\\(\\))',
        'comment', col_description(target.oid, a.attnum),
        'labels', (SELECT coalesce(json_agg(enumlabel ORDER BY enumsortorder), '[]') FROM pg_enum WHERE enumtypid = base.base),
        'mayBeToasted', a.attstorage <> 'p' AND a.attlen = -1 AND base.base_kind <> 'e' AND base.base <> 'numeric'::regtype
            AND NOT (base.base IN ('varchar'::regtype, 'bpchar'::regtype, 'bit'::regtype, 'varbit'::regtype) AND base.modifier BETWEEN 1 AND ${boundedBytesMax + 4})
            AND base.base NOT IN (SELECT rngtypid FROM pg_range) AND base.base NOT IN ('inet'::regtype, 'cidr'::regtype),
        'widthBytes', (SELECT max(avg_width) FROM pg_stats WHERE schemaname = target.nspname AND tablename = target.relname AND attname = a.attname)) ORDER BY a.attnum), '[]')
      FROM pg_attribute a JOIN base ON base.attrelid = a.attrelid AND base.attnum = a.attnum
      LEFT JOIN pg_attrdef def ON def.adrelid = a.attrelid AND def.adnum = a.attnum WHERE a.attrelid = target.oid),
    'uniqueKeys', (SELECT coalesce(json_agg(json_build_object('index', key.index, 'columns', key.columns, 'isPrimary', key.indisprimary, 'notNull', key.not_null)
                     ORDER BY key.indisprimary DESC, key.index), '[]') FROM key WHERE key.indrelid = target.oid AND key.is_key),
    'foreignKeys', (SELECT coalesce(json_agg(json_build_object('table', fn.nspname || '.' || f.relname,
        'columns', (SELECT json_agg(a.attname ORDER BY k.place) FROM unnest(c.conkey) WITH ORDINALITY AS k(attnum, place) JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.attnum),
        'key', (SELECT json_agg(a.attname ORDER BY k.place) FROM unnest(c.confkey) WITH ORDINALITY AS k(attnum, place) JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.attnum)
      ) ORDER BY c.conname), '[]')
      FROM pg_constraint c JOIN pg_class f ON f.oid = c.confrelid JOIN pg_namespace fn ON fn.oid = f.relnamespace
     WHERE c.conrelid = target.oid AND c.contype = 'f' AND NOT f.relispartition),
    'indexes', (SELECT coalesce(json_agg(x.columns), '[]') FROM (
      SELECT json_agg(a.attname ORDER BY k.place) AS columns FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(attnum, place)
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
       WHERE i.indrelid = target.oid AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL AND k.place <= i.indnkeyatts GROUP BY i.indexrelid ORDER BY i.indexrelid) x),
    'identity', (SELECT facts FROM identity WHERE identity.oid = target.oid),
    'leafIdentities', (SELECT coalesce(json_agg(identity.facts ORDER BY leaf.relname), '[]') FROM leaf JOIN identity USING (oid) WHERE leaf.root = target.oid),
    'selectable', (SELECT coalesce(json_agg(a.attname ORDER BY a.attnum), '[]') FROM pg_attribute a
                    WHERE a.attrelid = target.oid AND a.attnum > 0 AND NOT a.attisdropped AND has_column_privilege($3, target.oid, a.attnum, 'SELECT')),
    'writable', has_table_privilege($3, target.oid, 'INSERT, UPDATE, DELETE, TRUNCATE') OR has_any_column_privilege($3, target.oid, 'INSERT, UPDATE')
  ) AS facts FROM target`;

export interface TableSelection {
  /** By name, `schema.table`; null for every table that is no partition. */
  readonly names: readonly string[] | null;
  /** Null for every schema. */
  readonly schema: string | null;
  /** Whose rights are told; `public` for everybody's. */
  readonly role: string;
}

/** @returns at most `tablesMax`, in the order of their names @throws TrucError SURVEY_* */
export async function readTableFacts(session: SurveySession, { names, schema, role }: TableSelection): Promise<TableFacts[]> {
  const rows = await session.rows<{ facts: TableFacts }>('reading the catalogue of tables', TABLES, [names, schema, role]);
  return rows.map(({ facts }) => facts);
}
