import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Schemas, the versions of subjects, their settings, and the last id. */
export class Registry1794200000000 implements MigrationInterface {
  readonly name = 'Registry1794200000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE registry.schema (
        id integer PRIMARY KEY CHECK (id > 0),
        fingerprint text NOT NULL UNIQUE,
        text text NOT NULL,
        normalised text NOT NULL,
        "references" jsonb NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE registry.subject_version (
        subject text COLLATE "C" NOT NULL,
        version integer NOT NULL CHECK (version > 0),
        schema_id integer NOT NULL REFERENCES registry.schema (id),
        is_deleted boolean NOT NULL DEFAULT false,
        registered_by text NOT NULL,
        registered_at timestamptz NOT NULL,
        PRIMARY KEY (subject, version)
      )`);
    await runner.query(`CREATE INDEX subject_version_by_schema ON registry.subject_version (schema_id)`);
    await runner.query(
      `CREATE UNIQUE INDEX subject_version_lives_once ON registry.subject_version (subject, schema_id) WHERE NOT is_deleted`,
    );
    await runner.query(`
      CREATE TABLE registry.subject_settings (
        subject text COLLATE "C" PRIMARY KEY,
        level text CHECK (level IN ('NONE', 'BACKWARD', 'BACKWARD_TRANSITIVE', 'FORWARD', 'FORWARD_TRANSITIVE', 'FULL', 'FULL_TRANSITIVE')),
        mode text CHECK (mode IN ('READWRITE', 'READONLY', 'IMPORT'))
      )`);
    // A sequence would leave holes where a registration is rolled back; clients and people count on dense ids.
    await runner.query(`CREATE TABLE registry.last_id (id integer NOT NULL CHECK (id >= 0))`);
    await runner.query(`CREATE UNIQUE INDEX last_id_is_one_row ON registry.last_id ((true))`);
    await runner.query(`INSERT INTO registry.last_id (id) VALUES (0)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA registry CASCADE');
  }
}
