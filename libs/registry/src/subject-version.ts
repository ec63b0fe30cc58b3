import type { AvroSchema } from '@truc/avro';
import { boundedMetadata, hasNotedVersion, mergeMetadata, notedVersion, withoutVersion, withVersion, type Metadata } from './metadata.js';
import { RegistryRefusal } from './refusal.js';
import { boundedRuleSet, mergeRuleSets, type RuleSet } from './rule-set.js';
import type { SchemaDocument, SchemaReference } from './schema-document.js';
import { configInScope, modeInScope, type Scopes } from './scope.js';

/** A version that a subject has or had. */
export interface SubjectVersion {
  readonly version: number;
  readonly id: number;
  readonly text: string;
  readonly schema: AvroSchema;
  /** Of all that is kept of it: {@link keptBytes}. */
  readonly bytes: number;
  /** Of the schema with everything that it refers to ({@link SchemaDocument}). */
  readonly shape: string;
  readonly references: readonly SchemaReference[];
  readonly metadata: Metadata | null;
  readonly ruleSet: RuleSet | null;
  readonly isDeleted: boolean;
}

/** What has to be known of the registry to decide about one schema under one subject. */
export interface SubjectState {
  readonly subject: string;
  /** In order, soft-deleted ones included. */
  readonly versions: readonly SubjectVersion[];
  readonly scopes: Scopes;
}

/** A schema with what is told of it. */
export interface SentSchema {
  /** Empty: that of the version before. */
  readonly text: string;
  readonly references: readonly SchemaReference[];
  readonly metadata: Metadata | null;
  readonly ruleSet: RuleSet | null;
}

export function liveVersions({ versions }: SubjectState): SubjectVersion[] {
  return versions.filter(({ isDeleted }) => !isDeleted);
}

export function nextVersion({ versions }: SubjectState): number {
  return (versions.at(-1)?.version ?? 0) + 1;
}

/**
 * What a schema becomes before it is registered: what was not sent is taken from the version before, and the settings' defaults and overrides are merged in. In IMPORT mode it stays what it is.
 * @param noted the version that the metadata will note; null: it is not touched (when a schema is looked up)
 * @throws RegistryRefusal invalidSchema: it is empty, and there is no version before, or more metadata come together than may be; invalidRuleSet: the same of rules
 */
export function populated(
  state: SubjectState,
  sent: SentSchema,
  noted: { readonly isAskedFor: boolean; readonly version: number } | null,
): SentSchema {
  const isEmpty = sent.text.trim() === '';
  const isImport = modeInScope(state.scopes) === 'IMPORT';
  const previous = isImport ? undefined : liveVersions(state).at(-1);
  if (isEmpty && previous === undefined) throw new RegistryRefusal('invalidSchema', 'Invalid schema: Empty schema');
  if (isImport) return sent;
  const { text, references } = isEmpty && previous !== undefined ? previous : sent;
  const config = configInScope(state.subject, state.scopes);
  const ownMetadata = sent.metadata ?? previous?.metadata ?? null;
  const ownRules = sent.ruleSet ?? previous?.ruleSet ?? null;
  const metadata = mergeMetadata(mergeMetadata(config.defaultMetadata, ownMetadata), config.overrideMetadata);
  const ruleSet = mergeRuleSets(mergeRuleSets(config.defaultRuleSet, ownRules), config.overrideRuleSet);
  if (metadata !== null) boundedMetadata(metadata);
  if (ruleSet !== null) boundedRuleSet(ruleSet);
  const isNoted = noted !== null && (noted.isAskedFor || hasNotedVersion(metadata));
  return {
    text,
    references,
    metadata: isNoted ? withVersion(metadata, noted.version) : metadata,
    ruleSet,
  };
}

/** Bytes of a schema with what is told of it, as they are kept. */
export function keptBytes({ text, normalised }: Pick<SchemaDocument, 'text' | 'normalised'>, { metadata, ruleSet }: SentSchema): number {
  return [text, normalised, JSON.stringify(metadata), JSON.stringify(ruleSet)].reduce((sum, each) => sum + Buffer.byteLength(each), 0);
}

/** The same without the version that its metadata note. */
export function withoutNote<S extends SentSchema>(schema: S): S {
  if (notedVersion(schema.metadata) === null) return schema;
  const metadata = schema.metadata === null ? null : withoutVersion(schema.metadata);
  return { ...schema, metadata: isSame(metadata, nothing) ? null : metadata };
}

/** Whether new versions get more than what is sent: then a schema is looked for as it will be. */
export function hasDefaultsOrOverrides({ subject, scopes }: SubjectState): boolean {
  const { defaultMetadata, overrideMetadata, defaultRuleSet, overrideRuleSet } = configInScope(subject, scopes);
  return [defaultMetadata, overrideMetadata, defaultRuleSet, overrideRuleSet].some((each) => each !== null);
}

/** Whether a version is this schema: the same type, the same rules, and the same metadata where one of them alone may note the version. Without references it is compared with everything inside. */
export function isVersionOf(
  { shape, references }: Pick<SchemaDocument, 'shape' | 'references'>,
  { metadata, ruleSet }: Pick<SentSchema, 'metadata' | 'ruleSet'>,
  version: SubjectVersion,
): boolean {
  if (shape !== version.shape) return false;
  if (references.length > 0 && !isSame(references, version.references)) return false;
  return isSame(ruleSet, version.ruleSet) && isSameMetadata(metadata, version);
}

const nothing: Metadata = { tags: {}, properties: {}, sensitive: [] };

function isSameMetadata(metadata: Metadata | null, version: SubjectVersion): boolean {
  const [noted, notedThere] = [notedVersion(metadata), notedVersion(version.metadata)];
  if (noted === null && notedThere !== null) return isSame(metadata ?? nothing, withoutVersion(version.metadata ?? nothing));
  if (noted !== null && notedThere === null) {
    return noted === version.version && isSame(withoutVersion(metadata ?? nothing), version.metadata ?? nothing);
  }
  return isSame(metadata, version.metadata);
}

/** Values that were read by the same shapes; the database gives their keys back in another order. */
export function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(inOrder(one)) === JSON.stringify(inOrder(other));
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, inOrder(each)]),
  );
}
