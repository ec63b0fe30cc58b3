import pg from 'pg';
import type { TargetChange } from './invariants/monotony.js';
import { placeOfBytes } from './position.js';
import { streamRows } from './row-stream.js';

/** A database that changes are applied to. */
export interface Target {
  /** For a person: `the general database`. */
  readonly name: string;
  /** As the administrator of its server. */
  readonly url: string;
  /** As receipts and offsets name whoever applies to it. */
  readonly consumer: string;
}

/**
 * Triggers that note every change of (key, position), seen from outside of the code that makes it: a row's position stands in its table, that of a deleted row in
 * `truc.deleted_rows`. They note a statement at once, so that large batches stay quick. Both name a table as `truc.deleted_rows` does, in quotes: under two names a
 * row that comes back below its own deletion would look like two rows.
 */
const install = `
  CREATE SCHEMA checker;
  CREATE TABLE checker.audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    transaction text,
    table_name text COLLATE "C" NOT NULL,
    code text COLLATE "C" NOT NULL,
    "row" text COLLATE "C" NOT NULL,
    position bytea NOT NULL
  );
  CREATE FUNCTION checker.note_rows() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
  BEGIN
    INSERT INTO checker.audit (transaction, table_name, code, "row", position)
      SELECT pg_current_xact_id()::text, '"' || replace(TG_TABLE_SCHEMA, '"', '""') || '"."' || replace(TG_TABLE_NAME, '"', '""') || '"',
             truc_code, truc_row, truc_position FROM fresh;
    RETURN NULL;
  END $$;
  CREATE FUNCTION checker.note_deleted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
  BEGIN
    INSERT INTO checker.audit (transaction, table_name, code, "row", position)
      SELECT pg_current_xact_id()::text, table_name, code, "row", position FROM fresh;
    RETURN NULL;
  END $$;
  DO $$
  DECLARE target record;
  BEGIN
    FOR target IN
      SELECT c.oid::regclass AS name, n.nspname AS schema_name, c.relname AS table_name, n.nspname = 'truc' AS is_deleted
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\\_%'
         AND ((n.nspname = 'truc' AND c.relname = 'deleted_rows')
           OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'truc_position' AND n.nspname <> 'truc'))
    LOOP
      EXECUTE format('CREATE TRIGGER checker_insert AFTER INSERT ON %s REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION checker.%I()',
        target.name, CASE WHEN target.is_deleted THEN 'note_deleted' ELSE 'note_rows' END);
      EXECUTE format('CREATE TRIGGER checker_update AFTER UPDATE ON %s REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION checker.%I()',
        target.name, CASE WHEN target.is_deleted THEN 'note_deleted' ELSE 'note_rows' END);
      -- What stands there already: a row must not fall below that either.
      IF target.is_deleted THEN
        INSERT INTO checker.audit (table_name, code, "row", position) SELECT table_name, code, "row", position FROM truc.deleted_rows;
      ELSE
        EXECUTE format('INSERT INTO checker.audit (table_name, code, "row", position) SELECT %L, truc_code, truc_row, truc_position FROM %s',
          format('"%s"."%s"', replace(target.schema_name, '"', '""'), replace(target.table_name, '"', '""')), target.name);
      END IF;
    END LOOP;
  END $$`;
const remove = 'DROP SCHEMA IF EXISTS checker CASCADE';

export async function installAudit(target: Target): Promise<void> {
  await administer(target.url, `${remove}; ${install}`);
}

/** Leaves the target as it was before. */
export async function removeAudit(target: Target): Promise<void> {
  await administer(target.url, remove);
}

interface AuditRow {
  readonly transaction: string | null;
  readonly table_name: string;
  readonly code: string;
  readonly row: string;
  readonly position: Buffer;
}

/** Everything that was noted, row by row and each row's changes in their order. */
export async function* auditedChanges({ name, url }: Target): AsyncGenerator<TargetChange> {
  const sql = 'SELECT transaction, table_name, code, "row", position FROM checker.audit ORDER BY table_name, code, "row", id';
  for await (const { transaction, table_name: table, code, row, position } of streamRows<AuditRow>(url, sql, [])) {
    yield { target: name, table, key: row === '' ? code : `${code} ${row}`, place: placeOfBytes(position), transaction };
  }
}

async function administer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'checker' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
