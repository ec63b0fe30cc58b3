import {
  hasDefaultsOrOverrides,
  isVersionOf,
  populated,
  RegistryRefusal,
  subjectName,
  type SentSchema,
  type SubjectRules,
} from '@truc/registry';
import type { EntityManager } from 'typeorm';
import { readWithRules } from './registration-transaction.js';
import { schemaNotFound, subjectNotFound } from './schema-catalogue.js';
import { loadSubjectState } from './schema-reads.js';

export interface LookedUp extends SentSchema {
  readonly normalize?: boolean;
  /** Whether metadata and rules may be any: then the last version of the same type is found where none is the same in everything. */
  readonly shapeOnly?: boolean;
}

/**
 * The version under which a subject has a schema: as it was sent, or with the metadata and rules that it would get. A subject of the default context that does not have it is looked for in the others.
 * @returns subject and version
 * @throws RegistryRefusal subjectNotFound, schemaNotFound; invalidSchema
 */
export async function lookUp(
  manager: EntityManager,
  subject: string,
  schema: LookedUp,
  deleted: boolean,
  rules: SubjectRules | null,
): Promise<{ readonly subject: string; readonly version: number }> {
  const names = [subject, ...(await elsewhere(manager, subject))];
  let isThere = false;
  for (const name of names) {
    const state = await loadSubjectState(manager, name);
    const visible = state.versions.filter(({ isDeleted }) => deleted || !isDeleted).reverse();
    if (name === subject) isThere = visible.length > 0;
    if (schema.text.trim() === '' || (visible.length === 0 && name !== subject)) continue;
    try {
      const document = await readWithRules(manager, { ...schema, deletedToo: true }, state, null, rules);
      const forms = [schema, ...(visible.length > 0 || hasDefaultsOrOverrides(state) ? [populated(state, schema, null)] : [])];
      const found =
        forms.flatMap((form) => visible.filter((version) => isVersionOf(document, form, version)).slice(0, 1))[0] ??
        (schema.shapeOnly === true ? visible.find(({ shape }) => shape === document.shape) : undefined);
      if (found !== undefined) return { subject: name, version: found.version };
    } catch (error) {
      // In another context a reference may lead nowhere.
      if (name === subject || !(error instanceof RegistryRefusal)) throw error;
    }
  }
  throw isThere ? schemaNotFound('Schema not found') : subjectNotFound(subject);
}

async function elsewhere(manager: EntityManager, subject: string): Promise<string[]> {
  const { context, name } = subjectName(subject);
  if (context !== '.') return [];
  const rows = await manager.query<{ subject: string }[]>(
    `SELECT DISTINCT subject FROM registry.subject_version WHERE name = $1 AND context <> '.' ORDER BY subject`,
    [name],
  );
  return rows.map((row) => row.subject);
}
