import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Contexts with ids of their own, metadata and rules of schemas, GUIDs, references by what they refer to, and all settings of a subject. */
export class Contexts1795400000000 implements MigrationInterface {
  readonly name = 'Contexts1795400000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE registry.context (
        name text COLLATE "C" PRIMARY KEY,
        last_id integer NOT NULL CHECK (last_id >= 0),
        is_listed boolean NOT NULL
      )`);
    await runner.query(`INSERT INTO registry.context (name, last_id, is_listed) SELECT '.', id, true FROM registry.last_id`);
    await runner.query(`DROP TABLE registry.last_id`);

    await runner.query(`ALTER TABLE registry.subject_version DROP CONSTRAINT subject_version_schema_id_fkey`);
    await runner.query(`
      ALTER TABLE registry.schema
        ADD COLUMN context text COLLATE "C" NOT NULL DEFAULT '.' REFERENCES registry.context (name),
        ADD COLUMN shape text,
        ADD COLUMN guid uuid,
        ADD COLUMN metadata jsonb,
        ADD COLUMN rule_set jsonb,
        DROP CONSTRAINT schema_pkey,
        DROP CONSTRAINT schema_fingerprint_key,
        ADD PRIMARY KEY (context, id)`);
    await runner.query(`
      UPDATE registry.schema SET
        shape = encode(sha256(convert_to(normalised, 'UTF8')), 'hex'),
        guid = md5(convert_to(text, 'UTF8') || coalesce((
          SELECT string_agg(convert_to((reference ->> 'name') || (reference ->> 'subject'), 'UTF8') || int4send((reference ->> 'version')::integer), ''::bytea ORDER BY place)
          FROM jsonb_array_elements("references") WITH ORDINALITY AS listed (reference, place)), ''::bytea))::uuid`);
    await runner.query(
      `ALTER TABLE registry.schema ALTER COLUMN shape SET NOT NULL, ALTER COLUMN guid SET NOT NULL, ALTER COLUMN context DROP DEFAULT`,
    );
    // The same schema may be imported under several ids.
    await runner.query(`CREATE INDEX schema_by_fingerprint ON registry.schema (context, fingerprint)`);
    await runner.query(`CREATE INDEX schema_by_guid ON registry.schema (guid)`);

    await runner.query(`
      ALTER TABLE registry.subject_version
        ADD COLUMN context text COLLATE "C" NOT NULL DEFAULT '.',
        ADD COLUMN name text COLLATE "C"`);
    await runner.query(`UPDATE registry.subject_version SET name = subject`);
    await runner.query(`
      ALTER TABLE registry.subject_version
        ALTER COLUMN name SET NOT NULL,
        ALTER COLUMN context DROP DEFAULT,
        ADD FOREIGN KEY (context, schema_id) REFERENCES registry.schema (context, id)`);
    await runner.query(`DROP INDEX registry.subject_version_by_schema`);
    await runner.query(`DROP INDEX registry.subject_version_lives_once`);
    await runner.query(`CREATE INDEX subject_version_by_schema ON registry.subject_version (context, schema_id)`);
    await runner.query(`CREATE INDEX subject_version_by_name ON registry.subject_version (name, context)`);

    await runner.query(`
      CREATE TABLE registry.schema_reference (
        context text COLLATE "C" NOT NULL,
        schema_id integer NOT NULL,
        subject text COLLATE "C" NOT NULL,
        version integer NOT NULL,
        PRIMARY KEY (subject, version, context, schema_id),
        FOREIGN KEY (context, schema_id) REFERENCES registry.schema (context, id)
      )`);
    await runner.query(`
      INSERT INTO registry.schema_reference (context, schema_id, subject, version)
      SELECT DISTINCT context, id, reference ->> 'subject', (reference ->> 'version')::integer
      FROM registry.schema, jsonb_array_elements("references") AS reference`);

    await runner.query(`ALTER TABLE registry.subject_settings ADD COLUMN config jsonb, DROP CONSTRAINT subject_settings_mode_check`);
    await runner.query(
      `UPDATE registry.subject_settings SET config = jsonb_build_object('compatibilityLevel', level) WHERE level IS NOT NULL`,
    );
    await runner.query(`
      ALTER TABLE registry.subject_settings
        DROP COLUMN level,
        ADD CHECK (mode IN ('READWRITE', 'READONLY', 'READONLY_OVERRIDE', 'IMPORT'))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA registry CASCADE');
  }
}
