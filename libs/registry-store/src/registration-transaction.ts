import type { Clock } from '@truc/kernel';
import { planRegistration, readSchema, type Caller, type SchemaReference, type SubjectRules, type Violation } from '@truc/registry';
import type { EntityManager } from 'typeorm';
import { SchemaRow, SubjectVersionRow } from './entities.js';
import { loadReferenced, loadSubjectState } from './schema-reads.js';

export interface NewSchema {
  readonly subject: string;
  readonly text: string;
  readonly references: readonly SchemaReference[];
  /** Only in IMPORT mode. */
  readonly id: number | null;
  readonly version: number | null;
}

export interface Registered {
  readonly id: number;
  readonly version: number;
  /** False when the subject had exactly this schema. */
  readonly isNew: boolean;
  readonly warnings: readonly Violation[];
}

/**
 * The whole of one registration, inside the change lock: read, judge, decide, write.
 * @param rules asked inside the transaction, so that the release that judges is the one of that moment
 */
export async function registerSchema(
  manager: EntityManager,
  { subject, text, references, id, version }: NewSchema,
  caller: Caller,
  rules: () => SubjectRules | null,
  clock: Clock,
): Promise<Registered> {
  const document = readSchema(subject, text, references, await loadReferenced(manager, references));
  const same = await manager.findOneBy(SchemaRow, { fingerprint: document.fingerprint });
  const [last] = await manager.query<{ id: number }[]>('SELECT id FROM registry.last_id');
  const holder = id === null ? null : await manager.findOneBy(SchemaRow, { id });
  const state = {
    ...(await loadSubjectState(manager, subject)),
    idOfSchema: same?.id ?? null,
    lastId: last?.id ?? 0,
    isRequestedIdTaken: holder !== null && holder.fingerprint !== document.fingerprint,
  };
  const plan = planRegistration(state, { document, caller, id, version }, rules());
  switch (plan.outcome) {
    case 'refused':
      throw plan.refusal;
    case 'existing':
      return { id: plan.id, version: plan.version, isNew: false, warnings: [] };
    case 'new': {
      if (plan.isNewSchema) {
        const { fingerprint, normalised } = document;
        await manager.insert(SchemaRow, { id: plan.id, fingerprint, text, normalised, references: [...references] });
        await manager.query('UPDATE registry.last_id SET id = greatest(id, $1)', [plan.id]);
      }
      await manager.insert(SubjectVersionRow, {
        subject,
        version: plan.version,
        schemaId: plan.id,
        isDeleted: false,
        registeredBy: caller.name,
        registeredAt: new Date(clock.now()),
      });
      return { id: plan.id, version: plan.version, isNew: true, warnings: plan.warnings };
    }
  }
}
