import type { AvroReading } from '@truc/avro';
import { limitViolations } from '@truc/dictionary';
import type { Language } from '@truc/kernel';
import { readOnly } from './mode.js';
import { ownershipViolation, referenceViolations } from './ownership.js';
import { RegistryRefusal, refusedByRules, type Violation } from './refusal.js';
import type { SchemaDocument } from './schema-document.js';
import { modeInScope } from './scope.js';
import { subjectParts } from './subject.js';
import type { Caller, Judgement, SubjectRules } from './subject-rules.js';
import {
  hasDefaultsOrOverrides,
  isVersionOf,
  keptBytes,
  liveVersions,
  nextVersion,
  populated,
  withoutNote,
  type SentSchema,
  type SubjectState,
  type SubjectVersion,
} from './subject-version.js';
import { incompatibilityMessages } from './version-compatibility.js';

/** Most versions of a subject, deleted ones included, and most bytes of all that is kept of them: a registration looks at all of it, and every other one waits for it. */
const versionsMax = 1_000;
const versionBytesMax = 16 * 1024 * 1024;

/** Highest id and version that a schema comes with from elsewhere: the next one counts on from there, up to 2^31-1. */
const importedMax = 2_000_000_000;

export interface RegistrationState extends SubjectState {
  /** Ids of the subject's context that this very schema has, in order: more than one where it was imported under several. */
  readonly idsOfSchema: readonly number[];
  /** The highest id that was ever given in the context. */
  readonly lastId: number;
  /** Who has the id that the request brings. */
  readonly requestedId: 'free' | 'this schema' | 'another schema';
}

export interface RegistrationRequest {
  /** As it came. */
  readonly sent: SentSchema;
  /** As it will be kept ({@link populated}), and read. */
  readonly kept: SentSchema;
  readonly document: SchemaDocument;
  readonly caller: Caller;
  /** Id that the schema has elsewhere; in IMPORT mode only. */
  readonly id: number | null;
  /** Which it is to become: in IMPORT mode the one that it has elsewhere, else the next one. */
  readonly version: number | 'latest' | null;
  /** A new version is asked for, whatever number it has: what is the same but for the version that its metadata note does not stand for it. */
  readonly isNoted?: boolean;
  /** Leave compatibility out, where it is the owner's choice. */
  readonly force?: boolean;
  /** A lost registry comes back from its own export, in IMPORT mode: the rules judged the schema when it was registered, and what they say of it today is a warning. */
  readonly isRestored?: boolean;
  /** Of what is told to a person; English without it. */
  readonly language?: Language;
}

export type RegistrationPlan =
  | { readonly outcome: 'existing'; readonly version: SubjectVersion }
  | {
      readonly outcome: 'new';
      readonly id: number;
      readonly version: number;
      /** False when the schema itself is there already, under another subject or a deleted version. */
      readonly isNewSchema: boolean;
      /** Soft-deleted versions of the same id, whose place the new one takes. */
      readonly superseded: readonly number[];
      readonly warnings: readonly Violation[];
    }
  | { readonly outcome: 'refused'; readonly refusal: RegistryRefusal };

/**
 * Decides about a registration. `rules` is null while no release of the dictionary has arrived: then nothing new enters `data.*` and `view.*`.
 *
 * The rules hold in every mode. Import and force leave out compatibility only where the rules leave it to the owner, never for protected subjects. A lost registry that comes back is the one exception: elements were
 * retired and datasets went on to a new generation since, and the log still holds rows of every version.
 */
export function planRegistration(state: RegistrationState, request: RegistrationRequest, rules: SubjectRules | null): RegistrationPlan {
  const { subject } = state;
  const { document, caller, language = 'en' } = request;
  if (ownershipViolation(subject, caller) !== null) {
    const violations = ruleViolations(state, { schema: document.schema, limits: [] }, caller, rules, language);
    const all = [...violations, ...referenceViolations(subject, document.references, language)];
    return refuse(refusedByRules(subject, all, language));
  }
  const existing = existingVersion(state, request);
  if (existing !== null) return { outcome: 'existing', version: existing };
  const forbidden = modeRefusal(state, request);
  if (forbidden !== null) return refuse(forbidden);

  const isImport = modeInScope(state.scopes) === 'IMPORT';
  const isRestored = isImport && request.isRestored === true;
  const full = isRestored ? null : fullSubject(state, request);
  if (full !== null) return refuse(full);
  const judged = judge(state, document, rules, language);
  if (judged instanceof RegistryRefusal && !isRestored) return refuse(judged);
  const { isProtected } = subjectParts(subject);
  if (!isRestored && (isProtected || !(isImport || request.force === true))) {
    const messages = incompatibilityMessages(state, document, request.kept, 'all');
    if (messages.length > 0) return refuse(incompatible(subject, messages));
  }
  const id = request.id ?? state.idsOfSchema[0] ?? state.lastId + 1;
  const version = typeof request.version === 'number' ? request.version : nextVersion(state);
  const isNewSchema = request.id === null ? state.idsOfSchema.length === 0 : state.requestedId === 'free';
  return {
    outcome: 'new',
    id,
    version,
    isNewSchema,
    superseded: supersededVersions(state, id, version),
    warnings: judged instanceof RegistryRefusal ? judged.violations : judged,
  };
}

function fullSubject({ subject, versions }: SubjectState, { document, kept, version }: RegistrationRequest): RegistryRefusal | null {
  const others = versions.filter((each) => each.version !== version);
  const bytes = others.reduce((sum, each) => sum + each.bytes, keptBytes(document, kept));
  if (others.length < versionsMax && bytes <= versionBytesMax) return null;
  const problem =
    others.length < versionsMax
      ? `with this one they have ${bytes} bytes, and may have ${versionBytesMax}`
      : `they are ${others.length}, and may be ${versionsMax}`;
  return new RegistryRefusal(
    'operationNotPermitted',
    `Subject ${subject} takes no more versions: ${problem}. Delete for good those that nobody needs, or register under another subject`,
  );
}

function incompatible(subject: string, messages: readonly string[]): RegistryRefusal {
  const told = messages.filter((message) => !message.startsWith('{oldSchema:'));
  return new RegistryRefusal(
    'incompatible',
    `Schema being registered is incompatible with an earlier schema for subject "${subject}", details: [${told.join(', ')}]`,
    { messages },
  );
}

/** The version that is this schema already: as it was sent, with what the version before has, or as it would be kept. */
function existingVersion(state: SubjectState, { sent, kept, document, id, version, isNoted }: RegistrationRequest): SubjectVersion | null {
  const live = liveVersions(state).reverse();
  const looked = version === 'latest' ? live.slice(0, 1) : live;
  const isMeant = (each: SubjectVersion): boolean => (id === null && typeof version !== 'number') || each.id === id;
  if (typeof version === 'number')
    return looked.find((each) => each.version === version && isMeant(each) && isVersionOf(document, kept, each)) ?? null;
  // Who registers a schema again does not ask for the next version of it.
  const again = version === null && isNoted !== true ? [withoutNote(kept)] : [];
  const forms = [...(hasDefaultsOrOverrides(state) ? [] : [sent, populated(state, sent, null)]), kept, ...again];
  for (const form of forms) {
    const found = looked.find((each) => isMeant(each) && isVersionOf(document, form, each));
    if (found !== undefined) return found;
  }
  return null;
}

/** A schema that comes back takes the place of its deleted versions. In `data.*` and `view.*` they stay: the rules judge by everything that the log may hold. */
function supersededVersions({ subject, versions }: SubjectState, id: number, before: number): number[] {
  if (subjectParts(subject).isProtected) return [];
  return versions.filter((each) => each.isDeleted && each.id === id && each.version < before).map(({ version }) => version);
}

/** Rules D of a schema that is not registered (a compatibility check, or before it is). @returns warnings, or the refusal */
export function judge(
  state: SubjectState,
  { schema, references }: Pick<SchemaDocument, 'schema' | 'references'>,
  rules: SubjectRules | null,
  language: Language = 'en',
): readonly Violation[] | RegistryRefusal {
  if (!subjectParts(state.subject).isProtected) return [];
  const foreign = referenceViolations(state.subject, references, language);
  if (rules === null && foreign.length > 0) return refusedByRules(state.subject, foreign, language);
  if (rules === null) {
    return new RegistryRefusal(
      'dictionaryNotLoaded',
      `${state.subject} cannot be judged yet: no release of the dictionary has arrived on policy.common. Try again once the platform has published one`,
    );
  }
  const { violations: own, warnings } = judgementOf(state, { schema, limits: [] }, rules, language);
  const violations = [...foreign, ...own];
  return violations.length > 0 ? refusedByRules(state.subject, violations, language) : warnings;
}

/**
 * Everything that the rules have against a schema, as far as it could be read and as far as the rules are known: who may register it (D6) and its limits (D12) are judged without a release.
 * @param caller null where nobody registers anything
 */
export function ruleViolations(
  state: SubjectState,
  reading: AvroReading,
  caller: Caller | null,
  rules: SubjectRules | null,
  language: Language,
): Violation[] {
  const { subject } = state;
  const foreign = caller === null ? null : ownershipViolation(subject, caller, language);
  const own = foreign === null ? [] : [foreign];
  if (rules === null || !subjectParts(subject).isProtected) return [...own, ...limitViolations(reading.limits, language)];
  return [...own, ...judgementOf(state, reading, rules, language).violations];
}

function judgementOf({ subject, versions }: SubjectState, reading: AvroReading, rules: SubjectRules, language: Language): Judgement {
  return rules.judge({ subject, reading, previous: versions.map((version) => version.schema), language });
}

function modeRefusal(state: RegistrationState, { id, version }: RegistrationRequest): RegistryRefusal | null {
  const { subject, versions } = state;
  const notPermitted = (message: string): RegistryRefusal => new RegistryRefusal('operationNotPermitted', message);
  const mode = modeInScope(state.scopes);
  switch (mode) {
    case 'READONLY':
    case 'READONLY_OVERRIDE':
      return readOnly(subject);
    case 'READWRITE':
      if (id !== null) return notPermitted(`Subject ${subject} is not in import mode: a schema comes with an id only there`);
      if (typeof version === 'number' && version !== nextVersion(state)) {
        return new RegistryRefusal('invalidSchema', 'Invalid schema: Version is not one more than previous version');
      }
      return null;
    case 'IMPORT': {
      if (id === null) return notPermitted(`Subject ${subject} is in import mode: a schema comes with the id that it has elsewhere`);
      if (id < 1) return notPermitted(`Id ${id} is not permitted: ids begin at 1`);
      if (id > importedMax) return notPermitted(`Id ${id} is not permitted: a schema comes with an id of at most ${importedMax}`);
      if (typeof version === 'number' && version > importedMax)
        return notPermitted(`Version ${version} is not permitted: a schema comes with a version of at most ${importedMax}`);
      if (state.requestedId === 'another schema') return notPermitted(`Overwrite new schema with id ${id} is not permitted.`);
      const there = versions.find((each) => each.version === version);
      return there === undefined || (there.isDeleted && there.id === id)
        ? null
        : notPermitted(
            `Version ${there.version} of subject ${subject} is there with the id ${there.id}: a version never comes to mean another schema`,
          );
    }
  }
}

function refuse(refusal: RegistryRefusal): RegistrationPlan {
  return { outcome: 'refused', refusal };
}
