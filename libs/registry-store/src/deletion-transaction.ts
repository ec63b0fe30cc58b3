import type { Language } from '@truc/kernel';
import { planSubjectDeletion, planVersionDeletion, type DeletionState, type SubjectRules } from '@truc/registry';
import type { EntityManager } from 'typeorm';
import { SubjectSettingsRow, SubjectVersionRow } from './entities.js';
import { loadScopes } from './schema-reads.js';

/** Which versions of which subjects refer to a subject's versions. */
const referrers = `
  SELECT DISTINCT r.version, v.subject AS referrer, v.is_deleted
  FROM registry.schema_reference r JOIN registry.subject_version v ON v.context = r.context AND v.schema_id = r.schema_id
  WHERE r.subject = $1`;

async function loadDeletionState(manager: EntityManager, subject: string): Promise<DeletionState> {
  const rows = await manager.find(SubjectVersionRow, { where: { subject }, order: { version: 'ASC' } });
  const referring = await manager.query<{ version: number; referrer: string; is_deleted: boolean }[]>(referrers, [subject]);
  const of = (version: number, isDeleted: boolean): string[] =>
    referring.filter((each) => each.version === version && each.is_deleted === isDeleted).map(({ referrer }) => referrer);
  return {
    subject,
    versions: rows.map(({ version, isDeleted }) => ({
      version,
      isDeleted,
      referrers: of(version, false),
      deletedReferrers: of(version, true),
    })),
    scopes: await loadScopes(manager, subject),
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
  if (permanent) await forgetSettings(manager, subject);
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
  if (permanent) await forgetSettings(manager, subject);
  return version;
}

export async function end(manager: EntityManager, subject: string, version: number, permanent: boolean): Promise<void> {
  if (permanent) await manager.delete(SubjectVersionRow, { subject, version });
  else await manager.update(SubjectVersionRow, { subject, version }, { isDeleted: true });
}

/** A subject that is gone for good leaves no settings behind for one of the same name. */
async function forgetSettings(manager: EntityManager, subject: string): Promise<void> {
  if ((await manager.countBy(SubjectVersionRow, { subject })) === 0) await manager.delete(SubjectSettingsRow, { subject });
}
