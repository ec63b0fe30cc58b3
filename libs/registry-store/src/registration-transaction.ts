import type { Clock, Language } from '@truc/kernel';
import {
  BeyondLimits,
  configInScope,
  fingerprintOf,
  guidOf,
  liveVersions,
  modeInScope,
  nextVersion,
  ownershipViolation,
  planRegistration,
  populated,
  readSchema,
  referenceViolations,
  refusedByRules,
  ruleViolations,
  subjectName,
  taggedText,
  tagsOf,
  type Caller,
  type SchemaDocument,
  type SchemaTags,
  type SentSchema,
  type SubjectRules,
  type SubjectState,
  type TagChange,
  type Violation,
} from '@truc/registry';
import type { EntityManager } from 'typeorm';
import { SchemaRow } from './entities.js';
import { loadContextState, writeVersion } from './registration-writes.js';
import { demandRestorable } from './registry-copy.js';
import { loadReferenced, loadSubjectState } from './schema-reads.js';

export interface NewSchema extends SentSchema {
  readonly subject: string;
  /** Only in IMPORT mode. */
  readonly id: number | null;
  readonly version: number | 'latest' | null;
  readonly normalize?: boolean;
  readonly force?: boolean;
  /** A new version is asked for, which its metadata note, whatever number it has. */
  readonly isNoted?: boolean;
  /** A lost registry comes back: see {@link demandRestorable}. */
  readonly restore?: boolean;
  /** Tags that the text gets and loses; `propagate`: those of the version before as well. */
  readonly tags?: TagChange & { readonly propagate: boolean };
  /** Of what is told to a person; English without it. */
  readonly language?: Language;
}

export interface Registered extends SentSchema {
  readonly subject: string;
  readonly id: number;
  readonly version: number;
  readonly guid: string;
  /** False when the subject had exactly this schema. */
  readonly isNew: boolean;
  /** Whether an id that was known before means something else now: a version more, or one less. */
  readonly changesIds: boolean;
  readonly warnings: readonly Violation[];
}

/** What a schema is read from. `deletedToo`: it may refer to what was deleted softly. */
export interface SchemaToRead extends Pick<NewSchema, 'text' | 'references' | 'normalize' | 'language'> {
  readonly deletedToo?: boolean;
}

/**
 * Reads a schema; one beyond the limits is refused with everything else that the rules have against it.
 * @param caller null where nobody registers anything
 * @throws RegistryRefusal invalidSchema
 */
export async function readWithRules(
  manager: EntityManager,
  { text, references, normalize = false, language = 'en', deletedToo = false }: SchemaToRead,
  state: SubjectState,
  caller: Caller | null,
  rules: SubjectRules | null,
): Promise<SchemaDocument> {
  const { subject, scopes } = state;
  const resolved = references.length === 0 ? { references, texts: [] } : await loadReferenced(manager, subject, references, deletedToo);
  const isNormalized = normalize || configInScope(subject, scopes).normalize === true;
  try {
    return readSchema(subject, { text, references: resolved.references, normalize: isNormalized }, resolved.texts, language);
  } catch (error) {
    if (!(error instanceof BeyondLimits)) throw error;
    const violations = ruleViolations(state, error.reading, caller, rules, language);
    throw refusedByRules(subject, [...violations, ...referenceViolations(subject, resolved.references, language)], language);
  }
}

/**
 * The whole of one registration, inside the change lock: read, judge, decide, write.
 * @param rules asked inside the transaction, so that the release that judges is the one of that moment
 */
export async function registerSchema(
  manager: EntityManager,
  asked: NewSchema,
  caller: Caller,
  rules: () => SubjectRules | null,
  clock: Clock,
): Promise<Registered> {
  const { subject, id, version, restore = false, isNoted = false, language = 'en' } = asked;
  // What comes with its id is what it was elsewhere.
  const schema = { ...asked, deletedToo: id !== null };
  if (restore) await demandRestorable(manager);
  const subjectState = await loadSubjectState(manager, subject);
  const becomes = typeof version === 'number' ? version : nextVersion(subjectState);
  await demandTaggable(manager, schema, subjectState, caller, rules);
  const sent = { ...schema, text: taggedText(schema.text, schema.tags ?? { add: [], remove: [] }) };
  const isTagged = sent.text !== schema.text;
  const filled = populated(subjectState, sent, { isAskedFor: version !== null || isTagged || isNoted, version: becomes });
  const kept = { ...filled, text: taggedText(filled.text, { add: propagated(subjectState, schema), remove: [] }) };
  const document = await readWithRules(manager, { ...schema, ...kept }, subjectState, caller, rules());
  const fingerprint = fingerprintOf(document, kept.metadata, kept.ruleSet);
  const { context } = subjectName(subject);
  const { lastId, idsOfSchema, holder } = await loadContextState(manager, context, fingerprint, id);
  const requestedId = holder === null ? 'free' : holder === fingerprint ? 'this schema' : 'another schema';
  const state = { ...subjectState, idsOfSchema, lastId, requestedId } as const;
  const { force = false } = schema;
  const request = { sent, kept, document, caller, id, version, isNoted, force, isRestored: restore, language };
  const plan = planRegistration(state, request, rules());
  switch (plan.outcome) {
    case 'refused':
      throw plan.refusal;
    case 'existing': {
      const { text, references, metadata, ruleSet } = plan.version;
      const row = await manager.findOneBy(SchemaRow, { context, id: plan.version.id });
      const known = { text, references, metadata, ruleSet, guid: row?.guid ?? '' };
      return { ...known, subject, id: plan.version.id, version: plan.version.version, isNew: false, changesIds: false, warnings: [] };
    }
    case 'new': {
      const { text, references } = document;
      const { metadata, ruleSet } = kept;
      const guid = guidOf(document, metadata, ruleSet);
      const told = { fingerprint, guid, metadata, ruleSet };
      await writeVersion(manager, { subject, plan, document, told, caller, isRestored: restore }, clock);
      // In IMPORT mode a version may take the place of another one.
      const changesIds = !plan.isNewSchema || plan.superseded.length > 0 || id !== null || version !== null;
      return {
        subject,
        text,
        references,
        metadata,
        ruleSet,
        guid,
        id: plan.id,
        version: plan.version,
        isNew: true,
        changesIds,
        warnings: plan.warnings,
      };
    }
  }
}

/**
 * Before tags change a text: it is within the limits, and its caller may register it. What is refused for either is refused with everything else that the rules have against it.
 * @throws RegistryRefusal invalidSchema
 */
async function demandTaggable(
  manager: EntityManager,
  schema: NewSchema & SchemaToRead,
  state: SubjectState,
  caller: Caller,
  rules: () => SubjectRules | null,
): Promise<void> {
  const { subject, tags, text, language = 'en' } = schema;
  if (tags === undefined || text.trim() === '') return;
  if (tags.add.length === 0 && tags.remove.length === 0 && !tags.propagate) return;
  const document = await readWithRules(manager, schema, state, caller, rules());
  const violations =
    ownershipViolation(subject, caller) === null
      ? []
      : ruleViolations(state, { schema: document.schema, limits: [] }, caller, rules(), language);
  if (violations.length > 0) throw refusedByRules(subject, violations, language);
}

/** Tags of the version before, where they are to go on. */
function propagated(state: SubjectState, { tags }: NewSchema): readonly SchemaTags[] {
  const previous = liveVersions(state).at(-1);
  const isImport = modeInScope(state.scopes) === 'IMPORT';
  return tags?.propagate === true && previous !== undefined && !isImport ? tagsOf(previous.schema, ['*']) : [];
}
