import { versionIncompatibilities, type AvroReading, type AvroSchema, type CompatibilityLevel } from '@truc/avro';
import { limitViolations, type Language } from '@truc/dictionary';
import { ownershipViolation } from './ownership.js';
import { RegistryRefusal, refusedByRules, type Violation } from './refusal.js';
import type { SchemaDocument } from './schema-document.js';
import { effectiveLevel, effectiveMode, type Settings } from './settings.js';
import { subjectParts } from './subject.js';
import type { Caller, Judgement, SubjectRules } from './subject-rules.js';

/** A version that a subject has or had. */
export interface SubjectVersion {
  readonly version: number;
  readonly id: number;
  readonly schema: AvroSchema;
  readonly isDeleted: boolean;
}

/** What has to be known of the registry to decide about one schema under one subject. */
export interface SubjectState {
  readonly subject: string;
  /** In order, soft-deleted ones included. */
  readonly versions: readonly SubjectVersion[];
  readonly settings: Settings;
  readonly globalSettings: Settings;
}

export interface RegistrationState extends SubjectState {
  /** The id that a schema of this fingerprint has, under whatever subject; null when there is none. */
  readonly idOfSchema: number | null;
  /** The highest id that was ever given. */
  readonly lastId: number;
  /** Whether another schema has the id that the request brings. */
  readonly isRequestedIdTaken: boolean;
}

export interface RegistrationRequest {
  readonly document: SchemaDocument;
  readonly caller: Caller;
  /** Id and version that the schema has elsewhere; in IMPORT mode only. */
  readonly id: number | null;
  readonly version: number | null;
  /** Of what is told to a person; English without it. */
  readonly language?: Language;
}

export type RegistrationPlan =
  | { readonly outcome: 'existing'; readonly id: number; readonly version: number }
  | {
      readonly outcome: 'new';
      readonly id: number;
      readonly version: number;
      /** False when the schema itself is there already, under another subject or a deleted version. */
      readonly isNewSchema: boolean;
      readonly warnings: readonly Violation[];
    }
  | { readonly outcome: 'refused'; readonly refusal: RegistryRefusal };

/**
 * Decides about a registration. `rules` is null while no release of the dictionary has arrived: then nothing new enters `data.*` and `view.*`.
 *
 * The rules hold in every mode. Import leaves out compatibility only where the rules leave it to the owner, never for protected subjects.
 */
export function planRegistration(state: RegistrationState, request: RegistrationRequest, rules: SubjectRules | null): RegistrationPlan {
  const { subject, versions } = state;
  const { document, caller, language = 'en' } = request;
  if (ownershipViolation(subject, caller) !== null) {
    const violations = ruleViolations(state, { schema: document.schema, limits: [] }, caller, rules, language);
    return refuse(refusedByRules(subject, violations, language));
  }
  const existing = versions.find(({ id, isDeleted }) => !isDeleted && id === state.idOfSchema);
  if (existing !== undefined && (request.id === null || request.id === existing.id)) {
    return { outcome: 'existing', id: existing.id, version: existing.version };
  }
  const forbidden = modeRefusal(state, request);
  if (forbidden !== null) return refuse(forbidden);

  const judged = judge(state, document.schema, rules, language);
  if (judged instanceof RegistryRefusal) return refuse(judged);
  const isImport = effectiveMode(state.settings, state.globalSettings) === 'IMPORT';
  if (!isImport || subjectParts(subject).isProtected) {
    const messages = incompatibilityMessages(state, document.schema, 'all');
    if (messages.length > 0) {
      return refuse(
        new RegistryRefusal(
          'incompatible',
          `Schema being registered is incompatible with an earlier schema for subject "${subject}": ${messages[0]}`,
          { messages },
        ),
      );
    }
  }
  const id = state.idOfSchema ?? request.id ?? state.lastId + 1;
  const version = request.version ?? (versions.at(-1)?.version ?? 0) + 1;
  return { outcome: 'new', id, version, isNewSchema: state.idOfSchema === null, warnings: judged };
}

/** Rules D of a schema that is not registered (a compatibility check, or before it is). @returns warnings, or the refusal */
export function judge(
  state: SubjectState,
  schema: AvroSchema,
  rules: SubjectRules | null,
  language: Language = 'en',
): readonly Violation[] | RegistryRefusal {
  if (!subjectParts(state.subject).isProtected) return [];
  if (rules === null) {
    return new RegistryRefusal(
      'dictionaryNotLoaded',
      `${state.subject} cannot be judged yet: no release of the dictionary has arrived on policy.common. Try again once the platform has published one`,
    );
  }
  const { violations, warnings } = judgementOf(state, { schema, limits: [] }, rules, language);
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

/**
 * Why a schema may not follow the subject's versions at its level; empty when it may.
 * @param against `all`: as at a registration; a version: that one alone, as Confluent's check of one version does
 */
export function incompatibilityMessages(state: SubjectState, schema: AvroSchema, against: 'all' | number): string[] {
  const { isProtected } = subjectParts(state.subject);
  // A deleted version's data may still be in a compacted topic, so it counts where the level is not the owner's choice.
  const compared = state.versions.filter(({ version, isDeleted }) => (against === 'all' ? !isDeleted || isProtected : version === against));
  const level: CompatibilityLevel = effectiveLevel(state.subject, state.settings, state.globalSettings);
  const problems = versionIncompatibilities(
    level,
    schema,
    compared.map((version) => version.schema),
  );
  return problems.map(({ kind, message, path, direction, against: index }) => {
    const version = compared[index]?.version ?? 0;
    const which =
      direction === 'new-reads-old'
        ? `the new schema cannot read data of version ${version}`
        : `version ${version} cannot read data of the new schema`;
    return `${kind} at ${path}: ${message} (${which}, level ${level})`;
  });
}

function modeRefusal(state: RegistrationState, { id, version }: RegistrationRequest): RegistryRefusal | null {
  const { subject, versions } = state;
  const mode = effectiveMode(state.settings, state.globalSettings);
  const notPermitted = (message: string): RegistryRefusal => new RegistryRefusal('operationNotPermitted', message);
  switch (mode) {
    case 'READONLY':
      return notPermitted(`Subject ${subject} is in read-only mode`);
    case 'READWRITE':
      if (id !== null) return notPermitted(`Subject ${subject} is not in import mode: a schema comes with an id only there`);
      if (version !== null && version !== (versions.at(-1)?.version ?? 0) + 1) {
        return notPermitted(`Version ${version} is not the next version of subject ${subject}`);
      }
      return null;
    case 'IMPORT':
      if (id === null) return notPermitted(`Subject ${subject} is in import mode: a schema comes with the id that it has elsewhere`);
      if (state.isRequestedIdTaken) return notPermitted(`Overwrite new schema with id ${id} is not permitted: another schema has it`);
      if (state.idOfSchema !== null && state.idOfSchema !== id)
        return notPermitted(`The schema already has the id ${state.idOfSchema}, not ${id}`);
      if (version !== null && versions.some((other) => other.version >= version)) {
        return notPermitted(`Version ${version} of subject ${subject} is not after its last one: import versions in their order`);
      }
      return null;
  }
}

function refuse(refusal: RegistryRefusal): RegistrationPlan {
  return { outcome: 'refused', refusal };
}
