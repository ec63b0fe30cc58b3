import { parseAvroSchema } from '@truc/avro';
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
} from '@truc/registry';
import type { EntityManager } from 'typeorm';

interface VersionWithSchema {
  readonly version: number;
  readonly id: number;
  readonly is_deleted: boolean;
  readonly text: string;
  readonly normalised: string;
  readonly shape: string;
  readonly references: SchemaReference[];
  readonly metadata: Metadata | null;
  readonly rule_set: RuleSet | null;
}

/** Everything that was set and reaches a subject (null: what was set for all). */
export async function loadScopes(manager: EntityManager, subject: string | null): Promise<Scopes> {
  const names = scopeNames(subject);
  const rows = await manager.query<{ subject: string; config: Partial<SubjectConfig> | null; mode: Mode | null }[]>(
    `SELECT subject, config, mode FROM registry.subject_settings WHERE subject = ANY ($1)`,
    [[...new Set(Object.values(names))]],
  );
  const under = (name: string): Settings => {
    const row = rows.find((each) => each.subject === name);
    if (row === undefined) return noSettings;
    // Rows of before a setting was known do not have it.
    return { config: row.config === null ? null : { ...noConfig, ...row.config }, mode: row.mode };
  };
  return { own: under(names.own), context: under(names.context), all: under(names.all), everywhere: under(names.everywhere) };
}

export async function loadSubjectState(manager: EntityManager, subject: string): Promise<SubjectState> {
  const rows = await manager.query<VersionWithSchema[]>(
    `SELECT v.version, s.id, v.is_deleted, s.text, s.normalised, s.shape, s."references", s.metadata, s.rule_set
     FROM registry.subject_version v JOIN registry.schema s ON s.context = v.context AND s.id = v.schema_id
     WHERE v.subject = $1 ORDER BY v.version`,
    [subject],
  );
  return {
    subject,
    versions: rows.map(({ version, id, is_deleted, text, normalised, shape, references, metadata, rule_set }) => ({
      version,
      id,
      text,
      schema: parseAvroSchema(normalised),
      shape,
      references,
      metadata,
      ruleSet: rule_set,
      isDeleted: is_deleted,
    })),
    scopes: await loadScopes(manager, subject),
  };
}

export interface ResolvedReferences {
  /** With the version that `latest` (-1) is at this moment. */
  readonly references: readonly SchemaReference[];
  /** Texts of everything that the references lead to, each once and after those that it refers to. */
  readonly texts: readonly string[];
}

/**
 * Follows references from a subject.
 * @throws RegistryRefusal invalidSchema for a reference to a version that is not there, or for too many
 */
export async function loadReferenced(
  manager: EntityManager,
  from: string,
  references: readonly SchemaReference[],
): Promise<ResolvedReferences> {
  const texts = new Map<string, string>();
  let visited = 0;
  const visit = async (parent: string, reference: SchemaReference): Promise<SchemaReference> => {
    if (++visited > referencesMax) {
      throw new RegistryRefusal('invalidSchema', `Invalid schema: it refers to more than ${referencesMax} others`);
    }
    const subject = besideSubject(parent, reference.subject);
    const [found] = await manager.query<{ version: number; text: string; references: SchemaReference[] }[]>(
      `SELECT v.version, s.text, s."references"
       FROM registry.subject_version v JOIN registry.schema s ON s.context = v.context AND s.id = v.schema_id
       WHERE v.subject = $1 AND ($2 = -1 OR v.version = $2) AND NOT v.is_deleted ORDER BY v.version DESC LIMIT 1`,
      [subject, reference.version],
    );
    if (found === undefined) {
      throw new RegistryRefusal(
        'invalidSchema',
        `Invalid schema: no schema reference found for subject "${reference.subject}" and version ${reference.version}`,
      );
    }
    const key = `${found.version} ${subject}`;
    if (!texts.has(key)) {
      for (const nested of found.references) await visit(subject, nested);
      texts.set(key, found.text);
    }
    return { ...reference, version: found.version };
  };
  const resolved: SchemaReference[] = [];
  for (const reference of references) resolved.push(await visit(from, reference));
  return { references: resolved, texts: [...texts.values()] };
}
