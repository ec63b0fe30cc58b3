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
import { outcomeOf, type Outcome } from './change-batches.js';
import { loadStates, type StoredState } from './registration-states.js';
import { loadContextStates, writeVersions, type ContextQuestion, type ContextState, type VersionToWrite } from './registration-writes.js';
import { demandRestorable } from './registry-copy.js';
import { loadReferenced } from './schema-reads.js';

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

/** One registration that is asked for. */
export interface Registration {
  /** Its subject as `checkSubject` gives it. */
  readonly schema: NewSchema;
  readonly caller: Caller;
  /** Asked inside the transaction, so that the release that judges is the one of that moment. */
  readonly rules: () => SubjectRules | null;
}

/** Most registrations that go together, and characters of their texts, whatever the first has: nobody else changes anything meanwhile, and nothing else is computed while they are decided. */
const togetherMax = 16;
const textMax = 128 * 1024;
/** What following a reference counts for, in characters: each is a question of its own. */
const referenceCharacters = 8 * 1024;

/**
 * The whole of the first registrations, inside the change lock, as many as go together and one at least: read, judge, decide, write. Each step is one question to the database for all of them. Those go together that neither
 * bring ids or versions from elsewhere nor are for one subject, so that all that one can be to another is a schema that both have.
 */
export async function registerTogether(
  manager: EntityManager,
  asked: readonly Registration[],
  clock: Clock,
): Promise<Outcome<Registered>[]> {
  const [first, ...others] = asked.slice(0, togetherMax);
  if (first === undefined) return [];
  if (first.schema.restore === true) {
    const restorable = await outcomeOf(() => demandRestorable(manager));
    if ('refused' in restorable) return [restorable];
  }
  let characters = weightOf(first.schema);
  const end = others.findIndex(({ schema }) => isOfItsOwn(schema) || (characters += weightOf(schema)) > textMax);
  const candidates = isOfItsOwn(first.schema) ? [first] : [first, ...(end === -1 ? others : others.slice(0, end))];
  const states = await loadStates(
    manager,
    candidates.map(({ schema }) => schema.subject),
  );
  const prepared: Outcome<Prepared>[] = [];
  for (const [place, state] of states.entries())
    prepared.push('refused' in state ? state : await outcomeOf(() => prepare(manager, candidates[place]!, state.done)));
  const contexts = await loadContextStates(
    manager,
    prepared.map((outcome) => ('done' in outcome ? outcome.done : nowhere)),
  );
  const ids = new GivenIds();
  const writes: VersionToWrite[] = [];
  const outcomes = prepared.map((outcome, place): Outcome<Registered> => {
    if ('refused' in outcome) return outcome;
    return decide(outcome.done, ids.over(outcome.done, contexts[place]!), (write) => {
      ids.give(outcome.done, write.plan);
      writes.push(write);
    });
  });
  await writeVersions(manager, writes, clock);
  return outcomes;
}

function weightOf({ text, references }: NewSchema): number {
  return text.length + references.length * referenceCharacters;
}

/** Ids and versions from elsewhere may be those that another one just got. */
function isOfItsOwn({ id, version, restore = false }: NewSchema): boolean {
  return id !== null || version !== null || restore;
}

/** Asked for in the place of what was refused, so that the answers have the places of the questions. */
const nowhere: ContextQuestion = { context: '', fingerprint: '', id: null };

/** A schema that was read, as it would be kept. */
interface Prepared extends ContextQuestion {
  readonly registration: Registration;
  readonly state: StoredState;
  readonly sent: SentSchema;
  readonly kept: SentSchema;
  readonly document: SchemaDocument;
}

/** @throws RegistryRefusal invalidSchema and others of what is wrong with it by itself */
async function prepare(manager: EntityManager, registration: Registration, state: StoredState): Promise<Prepared> {
  const { schema: asked, caller, rules } = registration;
  const { id, version, isNoted = false } = asked;
  // What comes with its id is what it was elsewhere.
  const schema = { ...asked, subject: state.subject, deletedToo: id !== null };
  const becomes = typeof version === 'number' ? version : nextVersion(state);
  await demandTaggable(manager, schema, state, caller, rules);
  const sent = { ...schema, text: taggedText(schema.text, schema.tags ?? { add: [], remove: [] }) };
  const isTagged = sent.text !== schema.text;
  const filled = populated(state, sent, { isAskedFor: version !== null || isTagged || isNoted, version: becomes });
  const kept = { ...filled, text: taggedText(filled.text, { add: propagated(state, schema), remove: [] }) };
  const document = await readWithRules(manager, { ...schema, ...kept }, state, caller, rules());
  const fingerprint = fingerprintOf(document, kept.metadata, kept.ruleSet);
  return { registration, state, sent, kept, document, context: subjectName(state.subject).context, fingerprint, id };
}

/** @param write is told what is to be written where the version is new */
function decide(prepared: Prepared, context: ContextState, write: (version: VersionToWrite) => void): Outcome<Registered> {
  const { registration, state, sent, kept, document, fingerprint, id } = prepared;
  const { caller, rules, schema } = registration;
  const { version, restore = false, isNoted = false, force = false, language = 'en' } = schema;
  const { subject } = state;
  const { lastId, idsOfSchema, holder } = context;
  const requestedId = holder === null ? 'free' : holder === fingerprint ? 'this schema' : 'another schema';
  const request = { sent, kept, document, caller, id, version, isNoted, force, isRestored: restore, language };
  const plan = planRegistration({ ...state, idsOfSchema, lastId, requestedId }, request, rules());
  switch (plan.outcome) {
    case 'refused':
      return { refused: plan.refusal };
    case 'existing': {
      const { text, references, metadata, ruleSet } = plan.version;
      const guid = state.versions.find((each) => each.version === plan.version.version)?.guid ?? '';
      const known = { text, references, metadata, ruleSet, guid };
      const { id: knownId, version: knownVersion } = plan.version;
      return { done: { ...known, subject, id: knownId, version: knownVersion, isNew: false, changesIds: false, warnings: [] } };
    }
    case 'new': {
      const { text, references } = document;
      const { metadata, ruleSet } = kept;
      const guid = guidOf(document, metadata, ruleSet);
      write({ subject, plan, document, told: { fingerprint, guid, metadata, ruleSet }, caller, isRestored: restore });
      // In IMPORT mode a version may take the place of another one.
      const changesIds = !plan.isNewSchema || plan.superseded.length > 0 || id !== null || version !== null;
      const told = { text, references, metadata, ruleSet, guid, warnings: plan.warnings };
      return { done: { ...told, subject, id: plan.id, version: plan.version, isNew: true, changesIds } };
    }
  }
}

/** Ids that were given and are not written yet. */
class GivenIds {
  readonly #last = new Map<string, number>();
  readonly #bySchema = new Map<string, number>();

  give({ context, fingerprint }: ContextQuestion, { id, isNewSchema }: VersionToWrite['plan']): void {
    this.#last.set(context, Math.max(id, this.#last.get(context) ?? 0));
    if (isNewSchema) this.#bySchema.set(`${context} ${fingerprint}`, id);
  }

  /** What is written, with what is to be. */
  over({ context, fingerprint }: ContextQuestion, written: ContextState): ContextState {
    const given = this.#bySchema.get(`${context} ${fingerprint}`);
    return {
      ...written,
      lastId: Math.max(written.lastId, this.#last.get(context) ?? 0),
      idsOfSchema: written.idsOfSchema.length > 0 || given === undefined ? written.idsOfSchema : [given],
    };
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
