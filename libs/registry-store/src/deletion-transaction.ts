import type { Language } from '@truc/dictionary';
import { planSubjectDeletion, planVersionDeletion, type DeletionState, type SubjectRules } from '@truc/registry';
import type { EntityManager } from 'typeorm';
import { SubjectSettingsRow, SubjectVersionRow } from './entities.js';
import { loadSettings } from './schema-reads.js';

/** Versions of the subject that a version which is still there, live or softly deleted, refers to. */
const referencedVersions = `
  SELECT DISTINCT (reference ->> 'version')::integer AS version
  FROM registry.schema, jsonb_array_elements("references") AS reference
  WHERE reference ->> 'subject' = $1 AND EXISTS (SELECT FROM registry.subject_version WHERE schema_id = schema.id)`;

async function loadDeletionState(manager: EntityManager, subject: string): Promise<DeletionState> {
  const rows = await manager.find(SubjectVersionRow, { where: { subject }, order: { version: 'ASC' } });
  const referenced = await manager.query<{ version: number }[]>(referencedVersions, [subject]);
  return {
    subject,
    versions: rows.map(({ version, isDeleted }) => ({
      version,
      isDeleted,
      isReferenced: referenced.some((reference) => reference.version === version),
    })),
    settings: await loadSettings(manager, subject),
    globalSettings: await loadSettings(manager, null),
  };
}

/** @returns the versions that were deleted. @throws RegistryRefusal */
export async function deleteSubject(
  manager: EntityManager,
  subject: string,
  permanent: boolean,
  rules: SubjectRules | null,
  language: Language = 'en',
): Promise<number[]> {
  const versions = planSubjectDeletion(await loadDeletionState(manager, subject), permanent, rules, language);
  for (const version of versions) await end(manager, subject, version, permanent);
  // A subject that is gone for good leaves no settings behind for one of the same name.
  if (permanent) await manager.delete(SubjectSettingsRow, { subject });
  return versions;
}

/** @returns the version that was deleted. @throws RegistryRefusal */
export async function deleteVersion(
  manager: EntityManager,
  subject: string,
  wanted: number | 'latest',
  permanent: boolean,
  rules: SubjectRules | null,
  language: Language = 'en',
): Promise<number> {
  const version = planVersionDeletion(await loadDeletionState(manager, subject), wanted, permanent, rules, language);
  await end(manager, subject, version, permanent);
  return version;
}

async function end(manager: EntityManager, subject: string, version: number, permanent: boolean): Promise<void> {
  if (permanent) await manager.delete(SubjectVersionRow, { subject, version });
  else await manager.update(SubjectVersionRow, { subject, version }, { isDeleted: true });
}
