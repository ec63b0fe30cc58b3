import { parseAvroSchema, type AvroSchema } from '@truc/avro';
import {
  besideSubject,
  noConfig,
  noSettings,
  RegistryRefusal,
  referencesMax,
  scopeNames,
  type Metadata,
  type Mode,
  type RuleSet,
  type SchemaReference,
  type Scopes,
  type Settings,
  type SubjectConfig,
  type SubjectState,
  type SubjectVersion,
} from '@truc/registry';
import type { EntityManager } from 'typeorm';

interface VersionWithSchema {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  readonly guid: string;
  readonly is_deleted: boolean;
  readonly text: string;
  readonly normalised: string;
  readonly shape: string;
  readonly references: SchemaReference[];
  readonly metadata: Metadata | null;
  readonly rule_set: RuleSet | null;
  readonly told_bytes: number;
}

export interface SettingsOfName {
  readonly subject: string;
  readonly config: Partial<SubjectConfig> | null;
  readonly mode: Mode | null;
}

/** What was set under names that reach subjects. */
export type SettingsByName = ReadonlyMap<string, Settings>;

export function settingsByName(rows: readonly SettingsOfName[]): SettingsByName {
  // Rows of before a setting was known do not have it.
  return new Map(rows.map(({ subject, config, mode }) => [subject, { config: config === null ? null : { ...noConfig, ...config }, mode }]));
}

/** Names under which what reaches the subjects may have been set, each once. */
export function reachingNames(subjects: readonly (string | null)[]): string[] {
  return [...new Set(subjects.flatMap((subject) => Object.values(scopeNames(subject))))];
}

export function scopesAmong(settings: SettingsByName, subject: string | null): Scopes {
  const { own, context, all, everywhere } = scopeNames(subject);
  const under = (name: string): Settings => settings.get(name) ?? noSettings;
  return { own: under(own), context: under(context), all: under(all), everywhere: under(everywhere) };
}

/** Everything that was set and reaches a subject (null: what was set for all). */
export async function loadScopes(manager: EntityManager, subject: string | null): Promise<Scopes> {
  const rows = await manager.query<SettingsOfName[]>(
    `SELECT subject, config, mode FROM registry.subject_settings WHERE subject = ANY ($1)`,
    [reachingNames([subject])],
  );
  return scopesAmong(settingsByName(rows), subject);
}

export async function loadSubjectState(manager: EntityManager, subject: string): Promise<SubjectState> {
  const versions = await loadVersions(manager, [subject]);
  return { subject, versions: versions.get(subject) ?? [], scopes: await loadScopes(manager, subject) };
}

/** A version as it is kept. */
export interface StoredVersion extends SubjectVersion {
  readonly guid: string;
}

/** All versions of subjects, in order, by subject. */
export async function loadVersions(manager: EntityManager, subjects: readonly string[]): Promise<ReadonlyMap<string, StoredVersion[]>> {
  const rows = await manager.query<VersionWithSchema[]>(
    `SELECT v.subject, v.version, s.id, s.guid, v.is_deleted, s.text, s.normalised, s.shape, s."references", s.metadata, s.rule_set,
       coalesce(octet_length(s.metadata::text), 4) + coalesce(octet_length(s.rule_set::text), 4) AS told_bytes
     FROM registry.subject_version v JOIN registry.schema s ON s.context = v.context AND s.id = v.schema_id
     WHERE v.subject = ANY ($1) ORDER BY v.version`,
    [subjects],
  );
  const versions = new Map<string, StoredVersion[]>();
  for (const row of rows) {
    const known = versions.get(row.subject);
    if (known === undefined) versions.set(row.subject, [new LoadedVersion(row)]);
    else known.push(new LoadedVersion(row));
  }
  return versions;
}

/** A version whose schema is read when it is asked for: most registrations look at the last one only. */
class LoadedVersion implements StoredVersion {
  readonly version: number;
  readonly id: number;
  readonly guid: string;
  readonly text: string;
  readonly bytes: number;
  readonly shape: string;
  readonly references: readonly SchemaReference[];
  readonly metadata: Metadata | null;
  readonly ruleSet: RuleSet | null;
  readonly isDeleted: boolean;
  readonly #normalised: string;
  #schema: AvroSchema | null = null;

  constructor({ version, id, guid, is_deleted, text, normalised, shape, references, metadata, rule_set, told_bytes }: VersionWithSchema) {
    this.version = version;
    this.id = id;
    this.guid = guid;
    this.text = text;
    this.bytes = Buffer.byteLength(text) + Buffer.byteLength(normalised) + told_bytes;
    this.shape = shape;
    this.references = references;
    this.metadata = metadata;
    this.ruleSet = rule_set;
    this.isDeleted = is_deleted;
    this.#normalised = normalised;
  }

  get schema(): AvroSchema {
    return (this.#schema ??= parseAvroSchema(this.#normalised));
  }
}

export interface ResolvedReferences {
  /** With the version that `latest` (-1) is at this moment. */
  readonly references: readonly SchemaReference[];
  /** Texts of everything that the references lead to, each once and after those that it refers to. */
  readonly texts: readonly string[];
}

/**
 * Follows references from a subject. A name that is met again means what it meant first, as it does to Confluent's registry.
 * @param deletedToo whether they may lead to versions that were deleted softly: what is there already goes on meaning what it meant, and only something new may not rest on them
 * @throws RegistryRefusal invalidSchema for a reference to a version that is not there, or for too many
 */
export async function loadReferenced(
  manager: EntityManager,
  from: string,
  references: readonly SchemaReference[],
  deletedToo: boolean,
): Promise<ResolvedReferences> {
  const texts = new Map<string, string>();
  const names = new Set<string>();
  let visited = 0;
  const visit = async (parent: string, reference: SchemaReference): Promise<SchemaReference> => {
    if (++visited > referencesMax) {
      throw new RegistryRefusal('invalidSchema', `Invalid schema: it refers to more than ${referencesMax} others`);
    }
    const subject = besideSubject(parent, reference.subject);
    const [found] = await manager.query<{ version: number; text: string; references: SchemaReference[] }[]>(
      `SELECT v.version, s.text, s."references"
       FROM registry.subject_version v JOIN registry.schema s ON s.context = v.context AND s.id = v.schema_id
       WHERE v.subject = $1 AND ($2 = -1 OR v.version = $2) AND (NOT v.is_deleted OR ($3 AND $2 <> -1)) ORDER BY v.version DESC LIMIT 1`,
      [subject, reference.version, deletedToo],
    );
    if (found === undefined) {
      throw new RegistryRefusal(
        'invalidSchema',
        `Invalid schema: no schema reference found for subject "${reference.subject}" and version ${reference.version}`,
      );
    }
    const key = `${found.version} ${subject}`;
    if (!texts.has(key) && !names.has(reference.name)) {
      names.add(reference.name);
      for (const nested of found.references) await visit(subject, nested);
      texts.set(key, found.text);
    }
    return { ...reference, version: found.version };
  };
  const resolved: SchemaReference[] = [];
  for (const reference of references) resolved.push(await visit(from, reference));
  return { references: resolved, texts: [...texts.values()] };
}
