import type { Language } from '@truc/kernel';
import {
  contextOf,
  contextSubject,
  defaultContext,
  demandWritable,
  noConfig,
  ownConfig,
  ownMode,
  planConfig,
  planImport,
  isReadOnly,
  modeInScope,
  noSettings,
  RegistryRefusal,
  scopeNames,
  subjectName,
  type ConfigChange,
  type Mode,
  type Settings,
  type SubjectConfig,
  type SubjectRules,
  type VersionInScope,
} from '@truc/registry';
import type { EntityManager } from 'typeorm';
import { end } from './deletion-transaction.js';
import { loadScopes } from './schema-reads.js';

/** @param subject a context's too; null for the settings of all. @returns the settings after the change */
export async function changeConfig(
  manager: EntityManager,
  subject: string | null,
  change: ConfigChange,
  language: Language,
): Promise<SubjectConfig> {
  const scopes = await loadScopes(manager, subject);
  const planned = planConfig(subject, scopes.own.config, change, language);
  demandWritable(subject, scopes);
  await save(manager, subject, 'config', JSON.stringify(planned));
  return planned;
}

/** @returns what was set. @throws RegistryRefusal subjectNotFound, operationNotPermitted */
export async function clearConfig(manager: EntityManager, subject: string | null): Promise<SubjectConfig> {
  const scopes = await loadScopes(manager, subject);
  const before = subject === null || scopes.own.config !== null ? ownConfig(subject, scopes) : null;
  if (before === null) throw new RegistryRefusal('subjectNotFound', `Subject '${subject}' not found.`);
  demandWritable(subject, scopes);
  await save(manager, subject, 'config', null);
  return before ?? noConfig;
}

/**
 * @param mode null takes back what was set
 * @param force lets IMPORT in though something lives; nothing is deleted then
 */
export async function changeMode(
  manager: EntityManager,
  subject: string | null,
  mode: Mode | null,
  { force, rules, language }: { readonly force: boolean; readonly rules: SubjectRules | null; readonly language: Language },
): Promise<boolean> {
  const isEntered = mode === 'IMPORT' && !force && modeInScope(await loadScopes(manager, subject)) !== 'IMPORT';
  const ending = isEntered ? planImport(await versionsInScope(manager, subject), rules, language) : [];
  for (const ended of ending) await end(manager, ended.subject, ended.version, true);
  await save(manager, subject, 'mode', mode);
  return ending.length > 0;
}

/**
 * @param recursive of a whole context: take back the modes of all its subjects as well
 * @returns what was set; null where nothing was
 * @throws RegistryRefusal subjectNotFound
 */
export async function clearMode(manager: EntityManager, subject: string | null, recursive: boolean): Promise<Mode | null> {
  const before = ownMode(subject, await loadScopes(manager, subject));
  if (before === null && !recursive) throw new RegistryRefusal('subjectNotFound', `Subject '${subject}' not found.`);
  await save(manager, subject, 'mode', null);
  const context = subject === null ? defaultContext : contextOf(subject);
  if (recursive && (subject === null || subject === contextSubject(context))) {
    const rows = await manager.query<{ subject: string }[]>(`SELECT subject FROM registry.subject_settings WHERE mode IS NOT NULL`);
    for (const row of rows.filter((each) => contextOf(each.subject) === context)) await save(manager, row.subject, 'mode', null);
  }
  return before;
}

async function save(manager: EntityManager, subject: string | null, column: 'config' | 'mode', value: string | null): Promise<void> {
  await manager.query(
    `INSERT INTO registry.subject_settings (subject, ${column}) VALUES ($1, $2) ON CONFLICT (subject) DO UPDATE SET ${column} = excluded.${column}`,
    [subject ?? '', value],
  );
}

/** Versions of a subject, of a whole context, or (null) of all, with whether a version outside of them refers to them. */
async function versionsInScope(manager: EntityManager, subject: string | null): Promise<VersionInScope[]> {
  const { context, name } = subject === null ? { context: '*', name: '' } : subjectName(subject);
  const modes = await modesInImport(manager, subject);
  const rows = await manager.query<{ subject: string; version: number; is_deleted: boolean; is_referenced: boolean }[]>(
    `WITH meant AS (SELECT subject, version, is_deleted FROM registry.subject_version v WHERE ($1 = '*' OR v.context = $1) AND ($2 = '' OR v.name = $2))
     SELECT m.subject, m.version, m.is_deleted, EXISTS (
       SELECT FROM registry.schema_reference r JOIN registry.subject_version o ON o.context = r.context AND o.schema_id = r.schema_id
       WHERE r.subject = m.subject AND r.version = m.version
         AND NOT EXISTS (SELECT FROM meant i WHERE i.subject = o.subject AND i.version = o.version)) AS is_referenced
     FROM meant m ORDER BY m.subject, m.version`,
    [context, name],
  );
  return rows.map((row) => ({
    subject: row.subject,
    version: row.version,
    isDeleted: row.is_deleted,
    isReferenced: row.is_referenced,
    isReadOnly: isReadOnly(modes(row.subject)),
  }));
}

/** The mode that each subject has once IMPORT is set under a name. */
async function modesInImport(manager: EntityManager, name: string | null): Promise<(subject: string) => Mode> {
  const rows = await manager.query<{ subject: string; mode: Mode }[]>(
    `SELECT subject, mode FROM registry.subject_settings WHERE mode IS NOT NULL`,
  );
  const set = new Map(rows.map(({ subject, mode }) => [subject, mode]));
  set.set(name ?? '', 'IMPORT');
  const under = (each: string): Settings => ({ ...noSettings, mode: set.get(each) ?? null });
  return (subject) => {
    const { own, context, all, everywhere } = scopeNames(subject);
    return modeInScope({ own: under(own), context: under(context), all: under(all), everywhere: under(everywhere) });
  };
}
