import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Everything that the platform remembers: what was applied, by whom, the dictionary's releases, principals, commands and the audit. */
export class Coordination1794200000000 implements MigrationInterface {
  readonly name = 'Coordination1794200000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE coordination.document (
        kind text NOT NULL,
        name text NOT NULL,
        agency text NOT NULL,
        body jsonb NOT NULL,
        revision integer NOT NULL CHECK (revision > 0),
        applied_by text NOT NULL,
        applied_at timestamptz NOT NULL,
        PRIMARY KEY (kind, name)
      )`);
    await runner.query(`
      CREATE TABLE coordination.dictionary_release (
        number integer PRIMARY KEY CHECK (number > 0),
        content jsonb NOT NULL,
        applied_by text NOT NULL,
        applied_at timestamptz NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE coordination.principal (
        name text PRIMARY KEY,
        agency text,
        role text NOT NULL,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE coordination.command (
        id uuid PRIMARY KEY,
        agency text NOT NULL,
        name text NOT NULL,
        source text,
        principal text NOT NULL,
        deadline timestamptz NOT NULL,
        state text NOT NULL CHECK (state IN ('sent', 'answered', 'refused', 'timed-out', 'failed')),
        attempts integer NOT NULL DEFAULT 0,
        result jsonb,
        created_at timestamptz NOT NULL,
        ended_at timestamptz
      )`);
    await runner.query(`CREATE INDEX command_by_agency ON coordination.command (agency, created_at)`);
    await runner.query(`
      CREATE TABLE coordination.audit (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at timestamptz NOT NULL,
        principal text NOT NULL,
        action text NOT NULL,
        subject text NOT NULL,
        result text NOT NULL,
        detail jsonb NOT NULL
      )`);
    // A release and an audit row are what they were when they were written.
    await runner.query(`
      CREATE FUNCTION coordination.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME;
      END $$`);
    for (const table of ['dictionary_release', 'audit']) {
      await runner.query(`
        CREATE TRIGGER ${table}_is_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON coordination.${table}
        FOR EACH STATEMENT EXECUTE FUNCTION coordination.refuse_change()`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA coordination CASCADE');
  }
}
