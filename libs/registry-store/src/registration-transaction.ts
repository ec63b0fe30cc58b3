import type { Clock } from '@truc/kernel';
import type { Language } from '@truc/dictionary';
import {
  BeyondLimits,
  planRegistration,
  readSchema,
  refusedByRules,
  ruleViolations,
  type Caller,
  type SchemaDocument,
  type SchemaReference,
  type SubjectRules,
  type SubjectState,
  type Violation,
} from '@truc/registry';
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
  /** Of what is told to a person; English without it. */
  readonly language?: Language;
}

export interface Registered {
  readonly id: number;
  readonly version: number;
  /** False when the subject had exactly this schema. */
  readonly isNew: boolean;
  readonly warnings: readonly Violation[];
}

/**
 * Reads a schema; one beyond the limits is refused with everything else that the rules have against it.
 * @param caller null where nobody registers anything
 * @throws RegistryRefusal invalidSchema
 */
export async function readWithRules(
  manager: EntityManager,
  { subject, text, references, language = 'en' }: Pick<NewSchema, 'subject' | 'text' | 'references' | 'language'>,
  state: SubjectState,
  caller: Caller | null,
  rules: SubjectRules | null,
): Promise<SchemaDocument> {
  const referenced = await loadReferenced(manager, references);
  try {
    return readSchema(subject, text, references, referenced, language);
  } catch (error) {
    if (!(error instanceof BeyondLimits)) throw error;
    throw refusedByRules(subject, ruleViolations(state, error.reading, caller, rules, language), language);
  }
}

/**
 * The whole of one registration, inside the change lock: read, judge, decide, write.
 * @param rules asked inside the transaction, so that the release that judges is the one of that moment
 */
export async function registerSchema(
  manager: EntityManager,
  schema: NewSchema,
  caller: Caller,
  rules: () => SubjectRules | null,
  clock: Clock,
): Promise<Registered> {
  const { subject, text, references, id, version, language = 'en' } = schema;
  const subjectState = await loadSubjectState(manager, subject);
  const document = await readWithRules(manager, schema, subjectState, caller, rules());
  const same = await manager.findOneBy(SchemaRow, { fingerprint: document.fingerprint });
  const [last] = await manager.query<{ id: number }[]>('SELECT id FROM registry.last_id');
  const holder = id === null ? null : await manager.findOneBy(SchemaRow, { id });
  const state = {
    ...subjectState,
    idOfSchema: same?.id ?? null,
    lastId: last?.id ?? 0,
    isRequestedIdTaken: holder !== null && holder.fingerprint !== document.fingerprint,
  };
  const plan = planRegistration(state, { document, caller, id, version, language }, rules());
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
