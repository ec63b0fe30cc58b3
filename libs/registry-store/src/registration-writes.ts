import type { Clock } from '@truc/kernel';
import { besideSubject, subjectName, type Caller, type RegistrationPlan, type SchemaDocument } from '@truc/registry';
import type { EntityManager } from 'typeorm';
import type { SchemaRow } from './entities.js';

/** What a registration finds in its context. */
export interface ContextState {
  readonly lastId: number;
  /** Of the schemas with the fingerprint, in order: the same one may have been imported under several ids. */
  readonly idsOfSchema: readonly number[];
  /** Fingerprint of the schema that has the id which was asked for; null where none has it. */
  readonly holder: string | null;
}

/** @param id that was asked for; null where none was */
export async function loadContextState(
  manager: EntityManager,
  context: string,
  fingerprint: string,
  id: number | null,
): Promise<ContextState> {
  const [row] = await manager.query<{ last_id: number | null; same: number[]; holder: string | null }[]>(
    `SELECT (SELECT last_id FROM registry.context WHERE name = $1) AS last_id,
            ARRAY (SELECT id FROM registry.schema WHERE context = $1 AND fingerprint = $2 ORDER BY id) AS same,
            (SELECT fingerprint FROM registry.schema WHERE context = $1 AND id = $3) AS holder`,
    [context, fingerprint, id],
  );
  return { lastId: row?.last_id ?? 0, idsOfSchema: row?.same ?? [], holder: row?.holder ?? null };
}

export interface VersionToWrite {
  readonly subject: string;
  readonly plan: Extract<RegistrationPlan, { outcome: 'new' }>;
  readonly document: SchemaDocument;
  readonly told: Pick<SchemaRow, 'fingerprint' | 'guid' | 'metadata' | 'ruleSet'>;
  readonly caller: Caller;
  /** A lost registry comes back: the context does not count as used for it. */
  readonly isRestored: boolean;
}

/** Writes a version, and its schema where the context does not have it: one statement, because all other changes wait for it. */
export async function writeVersion(manager: EntityManager, write: VersionToWrite, clock: Clock): Promise<void> {
  const { subject, plan, document, told, caller, isRestored } = write;
  const { context, name } = subjectName(subject);
  for (const earlier of plan.superseded) {
    // What others refer to stays: they would lose it.
    await manager.query(
      `DELETE FROM registry.subject_version v WHERE subject = $1 AND version = $2
         AND NOT EXISTS (SELECT FROM registry.schema_reference r WHERE r.subject = v.subject AND r.version = v.version)`,
      [subject, earlier],
    );
  }
  const targets = document.references.map((each) => ({ subject: besideSubject(subject, each.subject), version: each.version }));
  await manager.query(
    `WITH told_context AS (
       INSERT INTO registry.context AS c (name, last_id, is_listed, is_used) VALUES ($1, $2, true, $3)
       ON CONFLICT (name) DO UPDATE SET
         last_id = greatest(c.last_id, excluded.last_id), is_listed = true, is_used = c.is_used OR excluded.is_used
     ), told_schema AS (
       INSERT INTO registry.schema (context, id, fingerprint, shape, guid, text, normalised, "references", metadata, rule_set)
       SELECT $1, $2, $4, $5, $6::uuid, $7, $8, $9::jsonb, $10::jsonb, $11::jsonb WHERE $12
     ), told_references AS (
       INSERT INTO registry.schema_reference (context, schema_id, subject, version)
       SELECT DISTINCT $1, $2, target.subject, target.version
       FROM jsonb_to_recordset($13::jsonb) AS target (subject text, version integer) WHERE $12
     )
     INSERT INTO registry.subject_version (subject, version, context, name, schema_id, is_deleted, registered_by, registered_at)
     VALUES ($14, $15, $1, $16, $2, false, $17, $18)
     -- In IMPORT mode the row may be there, deleted softly.
     ON CONFLICT (subject, version) DO UPDATE SET
       context = excluded.context, name = excluded.name, schema_id = excluded.schema_id, is_deleted = false,
       registered_by = excluded.registered_by, registered_at = excluded.registered_at`,
    [
      context,
      plan.id,
      !isRestored,
      told.fingerprint,
      document.shape,
      told.guid,
      document.text,
      document.normalised,
      JSON.stringify(document.references),
      told.metadata === null ? null : JSON.stringify(told.metadata),
      told.ruleSet === null ? null : JSON.stringify(told.ruleSet),
      plan.isNewSchema,
      JSON.stringify(targets),
      subject,
      plan.version,
      name,
      caller.name,
      new Date(clock.now()),
    ],
  );
}
