import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whether a schema was ever registered in a context otherwise than by restoring a lost registry. */
export class Restoration1796900000000 implements MigrationInterface {
  readonly name = 'Restoration1796900000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE registry.context ADD COLUMN is_used boolean NOT NULL DEFAULT false`);
    await runner.query(`UPDATE registry.context SET is_used = last_id > 0`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE registry.context DROP COLUMN is_used`);
  }
}
