import { TrucError } from '@truc/kernel';
import type { Session } from './session.js';

/** One lock for everything that changes the shape of the database: migrations, tables, columns. Held to the end of the transaction. */
export const SHAPE_LOCK = 'SELECT pg_advisory_xact_lock(8390876185241546849)';

/**
 * Forward migrations of schema `truc`; the version of a database is the number of those it has. Never edit one that was released: add another.
 * Text that is compared is COLLATE "C": byte order, the same on every machine and after every upgrade of the C library.
 */
const migrations: readonly string[] = [
  `CREATE TABLE truc.offsets (
     consumer text COLLATE "C" NOT NULL,
     topic text COLLATE "C" NOT NULL,
     partition integer NOT NULL,
     next_offset bigint NOT NULL,
     fencing_token bigint NOT NULL,
     updated_at timestamptz NOT NULL,
     PRIMARY KEY (consumer, topic, partition)
   );
   CREATE TABLE truc.deleted_rows (
     table_name text COLLATE "C" NOT NULL,
     scheme text COLLATE "C" NOT NULL,
     code text COLLATE "C" NOT NULL,
     "row" text COLLATE "C" NOT NULL,
     position bytea NOT NULL,
     deleted_at timestamptz NOT NULL,
     PRIMARY KEY (table_name, scheme, code, "row")
   );
   CREATE INDEX deleted_rows_deleted_at ON truc.deleted_rows (deleted_at);
   CREATE TABLE truc.tables (
     table_name text COLLATE "C" PRIMARY KEY,
     schema_name text NOT NULL,
     name text NOT NULL,
     columns jsonb NOT NULL,
     generation integer NOT NULL,
     created_at timestamptz NOT NULL DEFAULT now(),
     updated_at timestamptz NOT NULL DEFAULT now()
   );`,
  `CREATE TABLE truc.receipts (
     applied_by text COLLATE "C" NOT NULL,
     id bigint GENERATED ALWAYS AS IDENTITY,
     delivery_id text COLLATE "C" NOT NULL,
     consumer text COLLATE "C" NOT NULL,
     database text COLLATE "C" NOT NULL,
     topic text COLLATE "C" NOT NULL,
     partition integer NOT NULL,
     first_offset bigint NOT NULL,
     last_offset bigint NOT NULL,
     record_count bigint NOT NULL,
     digest bytea NOT NULL,
     delivered_at_ms bigint NOT NULL,
     PRIMARY KEY (applied_by, id)
   );`,
  `CREATE TABLE truc.loaded_topics (
     consumer text COLLATE "C" NOT NULL,
     topic text COLLATE "C" NOT NULL,
     table_name text COLLATE "C" NOT NULL,
     columns jsonb NOT NULL,
     created_at timestamptz NOT NULL DEFAULT now(),
     PRIMARY KEY (consumer, topic)
   );`,
];

/**
 * Brings schema `truc` of the target database to this version; any number of processes may do it at once.
 * @throws TrucError APPLY_SCHEMA_NEWER when a newer release of this software has been here; APPLY_NOT_ALLOWED
 */
export async function migrateOwnSchema(session: Session): Promise<void> {
  if ((await storedVersion(session)) === migrations.length) return;
  await session.transaction(async () => {
    await session.query(SHAPE_LOCK);
    await session.query('CREATE SCHEMA IF NOT EXISTS truc');
    await session.query(
      'CREATE TABLE IF NOT EXISTS truc.apply_version (version integer NOT NULL, only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row))',
    );
    const found = (await storedVersion(session)) ?? 0;
    if (found > migrations.length) {
      throw new TrucError(
        'APPLY_SCHEMA_NEWER',
        `the schema truc of the target database has version ${found}; this release knows ${migrations.length}. Install the newer release, the database is not taken back`,
      );
    }
    for (const migration of migrations.slice(found)) await session.query(migration);
    await session.query(
      'INSERT INTO truc.apply_version (version) VALUES ($1) ON CONFLICT (only_row) DO UPDATE SET version = excluded.version',
      [migrations.length],
    );
  });
}

async function storedVersion(session: Session): Promise<number | null> {
  const { rows } = await session.query<{ there: boolean }>(`SELECT to_regclass('truc.apply_version') IS NOT NULL AS there`);
  if (rows[0]?.there !== true) return null;
  const { rows: versions } = await session.query<{ version: number }>('SELECT version FROM truc.apply_version');
  return versions[0]?.version ?? null;
}
