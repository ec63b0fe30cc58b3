import type { Clock } from '@truc/kernel';
import { besideSubject, subjectName, type Caller, type RegistrationPlan, type SchemaDocument } from '@truc/registry';
import type { EntityManager } from 'typeorm';
import type { SchemaRow } from './entities.js';

/** What a registration is looked for by in its context. */
export interface ContextQuestion {
  readonly context: string;
  readonly fingerprint: string;
  /** Id that was asked for; null where none was. */
  readonly id: number | null;
}

/** What a registration finds in its context. */
export interface ContextState {
  readonly lastId: number;
  /** Of the schemas with the fingerprint, in order: the same one may have been imported under several ids. */
  readonly idsOfSchema: readonly number[];
  /** Fingerprint of the schema that has the id which was asked for; null where none has it. */
  readonly holder: string | null;
}

/** In the order of the questions. */
export async function loadContextStates(manager: EntityManager, questions: readonly ContextQuestion[]): Promise<ContextState[]> {
  if (questions.length === 0) return [];
  const rows = await manager.query<{ last_id: number | null; same: number[]; holder: string | null }[]>(
    `SELECT (SELECT last_id FROM registry.context WHERE name = asked.context) AS last_id,
            ARRAY (SELECT id FROM registry.schema s WHERE s.context = asked.context AND s.fingerprint = asked.fingerprint ORDER BY id) AS same,
            (SELECT fingerprint FROM registry.schema s WHERE s.context = asked.context AND s.id = asked.id) AS holder
     FROM unnest($1::text[], $2::text[], $3::integer[]) WITH ORDINALITY AS asked (context, fingerprint, id, place) ORDER BY place`,
    [questions.map(({ context }) => context), questions.map(({ fingerprint }) => fingerprint), questions.map(({ id }) => id)],
  );
  return rows.map(({ last_id, same, holder }) => ({ lastId: last_id ?? 0, idsOfSchema: same, holder }));
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

/** Writes versions of different subjects, and their schemas where the contexts do not have them: one statement for all, because all other changes wait for it. */
export async function writeVersions(manager: EntityManager, writes: readonly VersionToWrite[], clock: Clock): Promise<void> {
  if (writes.length === 0) return;
  for (const { subject, plan } of writes) {
    for (const earlier of plan.superseded) {
      // What others refer to stays: they would lose it.
      await manager.query(
        `DELETE FROM registry.subject_version v WHERE subject = $1 AND version = $2
           AND NOT EXISTS (SELECT FROM registry.schema_reference r WHERE r.subject = v.subject AND r.version = v.version)`,
        [subject, earlier],
      );
    }
  }
  const named = writes.map((write) => ({ ...write, ...subjectName(write.subject) }));
  const schemas = named.filter(({ plan }) => plan.isNewSchema);
  const references = schemas.flatMap(({ subject, context, plan, document }) =>
    document.references.map((each) => ({ context, id: plan.id, subject: besideSubject(subject, each.subject), version: each.version })),
  );
  await manager.query(
    `WITH told_context AS (
       INSERT INTO registry.context AS c (name, last_id, is_listed, is_used)
       SELECT name, max(last_id), true, bool_or(is_used) FROM unnest($1::text[], $2::integer[], $3::boolean[]) AS told (name, last_id, is_used) GROUP BY name
       ON CONFLICT (name) DO UPDATE SET
         last_id = greatest(c.last_id, excluded.last_id), is_listed = true, is_used = c.is_used OR excluded.is_used
     ), told_schema AS (
       INSERT INTO registry.schema (context, id, fingerprint, shape, guid, text, normalised, "references", metadata, rule_set)
       SELECT * FROM unnest($4::text[], $5::integer[], $6::text[], $7::text[], $8::uuid[], $9::text[], $10::text[], $11::jsonb[], $12::jsonb[], $13::jsonb[])
     ), told_references AS (
       INSERT INTO registry.schema_reference (context, schema_id, subject, version)
       SELECT DISTINCT * FROM unnest($14::text[], $15::integer[], $16::text[], $17::integer[])
     )
     INSERT INTO registry.subject_version (subject, version, context, name, schema_id, is_deleted, registered_by, registered_at)
     SELECT subject, version, context, name, id, false, registered_by, $24
     FROM unnest($18::text[], $19::integer[], $20::text[], $21::text[], $22::integer[], $23::text[]) AS told (subject, version, context, name, id, registered_by)
     -- In IMPORT mode the row may be there, deleted softly.
     ON CONFLICT (subject, version) DO UPDATE SET
       context = excluded.context, name = excluded.name, schema_id = excluded.schema_id, is_deleted = false,
       registered_by = excluded.registered_by, registered_at = excluded.registered_at`,
    [
      named.map(({ context }) => context),
      named.map(({ plan }) => plan.id),
      named.map(({ isRestored }) => !isRestored),
      schemas.map(({ context }) => context),
      schemas.map(({ plan }) => plan.id),
      schemas.map(({ told }) => told.fingerprint),
      schemas.map(({ document }) => document.shape),
      schemas.map(({ told }) => told.guid),
      schemas.map(({ document }) => document.text),
      schemas.map(({ document }) => document.normalised),
      schemas.map(({ document }) => JSON.stringify(document.references)),
      schemas.map(({ told }) => (told.metadata === null ? null : JSON.stringify(told.metadata))),
      schemas.map(({ told }) => (told.ruleSet === null ? null : JSON.stringify(told.ruleSet))),
      references.map(({ context }) => context),
      references.map(({ id }) => id),
      references.map(({ subject }) => subject),
      references.map(({ version }) => version),
      named.map(({ subject }) => subject),
      named.map(({ plan }) => plan.version),
      named.map(({ context }) => context),
      named.map(({ name }) => name),
      named.map(({ plan }) => plan.id),
      named.map(({ caller }) => caller.name),
      new Date(clock.now()),
    ],
  );
}
