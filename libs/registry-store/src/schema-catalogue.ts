import { checkSubject, readSchema, RegistryRefusal, type SchemaReference } from '@truc/registry';
import type { EntityManager } from 'typeorm';
import { answering } from './database.js';
import { SchemaRow, SubjectVersionRow } from './entities.js';
import { loadReferenced } from './schema-reads.js';

/** A version as clients see it. */
export interface CataloguedVersion {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  readonly schema: string;
  readonly references: readonly SchemaReference[];
}

/** Looks at subjects, versions and schemas. Softly deleted versions are hidden unless `deleted` is true; by id a schema is there while any version, deleted softly or not, has it. */
export class SchemaCatalogue {
  readonly #manager: EntityManager;

  constructor(manager: EntityManager) {
    this.#manager = manager;
  }

  subjects({ deleted, prefix }: { readonly deleted: boolean; readonly prefix: string }): Promise<string[]> {
    return answering(async () => {
      const rows = await this.#manager.query<{ subject: string }[]>(
        `SELECT DISTINCT subject FROM registry.subject_version WHERE starts_with(subject, $1) AND ($2 OR NOT is_deleted) ORDER BY subject`,
        [prefix, deleted],
      );
      return rows.map(({ subject }) => subject);
    });
  }

  /** @throws RegistryRefusal subjectNotFound */
  versions(subject: string, deleted: boolean): Promise<number[]> {
    return answering(async () => {
      const rows = await this.#manager.find(SubjectVersionRow, {
        where: deleted ? { subject } : { subject, isDeleted: false },
        order: { version: 'ASC' },
      });
      if (rows.length === 0) throw subjectNotFound(subject);
      return rows.map(({ version }) => version);
    });
  }

  /** @throws RegistryRefusal subjectNotFound, versionNotFound */
  version(subject: string, wanted: number | 'latest', deleted: boolean): Promise<CataloguedVersion> {
    return answering(async () => {
      const visible = deleted ? { subject } : { subject, isDeleted: false };
      const row = await this.#manager.findOne(SubjectVersionRow, {
        where: wanted === 'latest' ? visible : { ...visible, version: wanted },
        order: { version: 'DESC' },
      });
      if (row !== null) return this.#catalogued(row);
      if ((await this.#manager.countBy(SubjectVersionRow, visible)) === 0) throw subjectNotFound(subject);
      throw new RegistryRefusal('versionNotFound', `Version ${wanted} not found.`);
    });
  }

  /**
   * The version under which the subject has exactly this schema.
   * @throws RegistryRefusal subjectNotFound, schemaNotFound; invalidSchema
   */
  lookup(
    subject: string,
    schema: { readonly text: string; readonly references: readonly SchemaReference[] },
    deleted: boolean,
  ): Promise<CataloguedVersion> {
    checkSubject(subject);
    return answering(async () => {
      const visible = deleted ? { subject } : { subject, isDeleted: false };
      if ((await this.#manager.countBy(SubjectVersionRow, visible)) === 0) throw subjectNotFound(subject);
      const { fingerprint } = readSchema(subject, schema.text, schema.references, await loadReferenced(this.#manager, schema.references));
      const same = await this.#manager.findOneBy(SchemaRow, { fingerprint });
      const row =
        same === null
          ? null
          : await this.#manager.findOne(SubjectVersionRow, { where: { ...visible, schemaId: same.id }, order: { version: 'DESC' } });
      if (row === null) throw schemaNotFound('Schema not found');
      return this.#catalogued(row);
    });
  }

  /** @throws RegistryRefusal schemaNotFound */
  schema(id: number): Promise<{ readonly schema: string; readonly references: readonly SchemaReference[] }> {
    return answering(async () => {
      const { text, references } = await this.#schemaRow(id);
      return { schema: text, references };
    });
  }

  /** Where a schema is used. @throws RegistryRefusal schemaNotFound */
  uses(id: number, deleted: boolean): Promise<{ readonly subject: string; readonly version: number }[]> {
    return answering(async () => {
      await this.#schemaRow(id);
      const where = deleted ? { schemaId: id } : { schemaId: id, isDeleted: false };
      const rows = await this.#manager.find(SubjectVersionRow, { where, order: { subject: 'ASC', version: 'ASC' } });
      return rows.map(({ subject, version }) => ({ subject, version }));
    });
  }

  /** Ids of the schemas that refer to a version. @throws RegistryRefusal subjectNotFound, versionNotFound */
  async referencedBy(subject: string, version: number | 'latest'): Promise<number[]> {
    const found = await this.version(subject, version, true);
    return answering(async () => {
      const rows = await this.#manager.query<{ id: number }[]>(
        `SELECT id FROM registry.schema WHERE "references" @> $1::jsonb
           AND EXISTS (SELECT FROM registry.subject_version WHERE schema_id = schema.id AND NOT is_deleted) ORDER BY id`,
        [JSON.stringify([{ subject, version: found.version }])],
      );
      return rows.map(({ id }) => id);
    });
  }

  async #schemaRow(id: number): Promise<SchemaRow> {
    const row = id > 2 ** 31 - 1 ? null : await this.#manager.findOneBy(SchemaRow, { id });
    if (row === null || (await this.#manager.countBy(SubjectVersionRow, { schemaId: id })) === 0)
      throw schemaNotFound(`Schema ${id} not found`);
    return row;
  }

  async #catalogued({ subject, version, schemaId }: SubjectVersionRow): Promise<CataloguedVersion> {
    const { text, references } = await this.#schemaRow(schemaId);
    return { subject, version, id: schemaId, schema: text, references };
  }
}

function subjectNotFound(subject: string): RegistryRefusal {
  return new RegistryRefusal('subjectNotFound', `Subject '${subject}' not found.`);
}

function schemaNotFound(message: string): RegistryRefusal {
  return new RegistryRefusal('schemaNotFound', message);
}
