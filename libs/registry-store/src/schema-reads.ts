import { parseAvroSchema } from '@truc/avro';
import {
  noSettings,
  RegistryRefusal,
  referencesMax,
  type Mode,
  type SchemaReference,
  type Settings,
  type SubjectState,
} from '@truc/registry';
import type { CompatibilityLevel } from '@truc/avro';
import type { EntityManager } from 'typeorm';
import { SchemaRow, SubjectSettingsRow, SubjectVersionRow } from './entities.js';

/** A subject's versions with their schemas, in order, soft-deleted ones included. */
export async function loadVersions(manager: EntityManager, subject: string): Promise<{ row: SubjectVersionRow; schema: SchemaRow }[]> {
  const rows = await manager.find(SubjectVersionRow, { where: { subject }, order: { version: 'ASC' } });
  if (rows.length === 0) return [];
  const schemas = await manager
    .createQueryBuilder(SchemaRow, 'schema')
    .where('schema.id IN (:...ids)', { ids: rows.map(({ schemaId }) => schemaId) })
    .getMany();
  const byId = new Map(schemas.map((schema) => [schema.id, schema]));
  return rows.flatMap((row) => {
    const schema = byId.get(row.schemaId);
    return schema === undefined ? [] : [{ row, schema }];
  });
}

/** @param subject null for the settings of all */
export async function loadSettings(manager: EntityManager, subject: string | null): Promise<Settings> {
  const row = await manager.findOneBy(SubjectSettingsRow, { subject: subject ?? '' });
  return row === null ? noSettings : { level: row.level as CompatibilityLevel | null, mode: row.mode as Mode | null };
}

export async function loadSubjectState(manager: EntityManager, subject: string): Promise<SubjectState> {
  const versions = await loadVersions(manager, subject);
  return {
    subject,
    versions: versions.map(({ row, schema }) => ({
      version: row.version,
      id: row.schemaId,
      schema: parseAvroSchema(schema.normalised),
      isDeleted: row.isDeleted,
    })),
    settings: await loadSettings(manager, subject),
    globalSettings: await loadSettings(manager, null),
  };
}

/**
 * Texts of everything that the references lead to, each once and after those that it refers to.
 * @throws RegistryRefusal invalidSchema for a reference to a version that is not there, or for too many
 */
export async function loadReferenced(manager: EntityManager, references: readonly SchemaReference[]): Promise<string[]> {
  const texts = new Map<string, string>();
  let visited = 0;
  const visit = async ({ subject, version }: SchemaReference): Promise<void> => {
    const key = `${version} ${subject}`;
    if (texts.has(key)) return;
    if (++visited > referencesMax)
      throw new RegistryRefusal('invalidSchema', `Invalid schema: it refers to more than ${referencesMax} others`);
    const row = await manager.findOneBy(SubjectVersionRow, { subject, version, isDeleted: false });
    const schema = row === null ? null : await manager.findOneBy(SchemaRow, { id: row.schemaId });
    if (schema === null) {
      throw new RegistryRefusal(
        'invalidSchema',
        `Invalid schema: no schema reference found for subject "${subject}" and version ${version}`,
      );
    }
    for (const nested of schema.references) await visit(nested);
    texts.set(key, schema.text);
  };
  for (const reference of references) await visit(reference);
  return [...texts.values()];
}
