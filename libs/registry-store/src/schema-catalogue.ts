import {
  besideSubject,
  readSchema,
  RegistryRefusal,
  resolvedText,
  subjectName,
  tagsOf,
  versionNotFound,
  type SchemaTags,
  type SubjectConfig,
} from '@truc/registry';
import type { EntityManager } from 'typeorm';
import { cataloguedVersion, versionColumns, versionTables, type CataloguedVersion, type VersionRow } from './catalogued-version.js';
import { answering } from './database.js';
import { versionsInBatches, type ListedKey } from './listed-versions.js';
import type { RememberedReads } from './remembered-reads.js';
import { loadReferenced } from './schema-reads.js';

/** Which versions a list shows. */
export type Shown = 'live' | 'all' | 'deleted';

export interface Page {
  readonly offset: number;
  readonly limit: number;
}

/** All of a list. */
export const wholePage: Page = { offset: 0, limit: 2 ** 31 - 1 };

const guidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Looks at subjects, versions and schemas. Softly deleted versions are hidden unless they are asked for; by id a schema is there while any version, deleted softly or not, has it. */
export class SchemaCatalogue {
  readonly #manager: EntityManager;
  readonly #remembered: RememberedReads<string, unknown>;

  constructor(manager: EntityManager, remembered: RememberedReads<string, unknown>) {
    this.#manager = manager;
    this.#remembered = remembered;
  }

  /** Subjects that begin with a prefix; one of a context (`:.c:`), or of all of them (`:*:`), is theirs. A subject is deleted when all its versions are. */
  subjects(prefix: string, shown: Shown, { offset, limit }: Page): Promise<string[]> {
    const { where, values } = prefixed(prefix);
    return answering(async () => {
      const rows = await this.#manager.query<{ subject: string }[]>(
        `SELECT subject FROM registry.subject_version v WHERE ${where} GROUP BY subject
         HAVING $3 = 'all' OR bool_and(is_deleted) = ($3 = 'deleted') ORDER BY subject OFFSET $4 LIMIT $5`,
        [...values, shown, offset, limit],
      );
      return rows.map(({ subject }) => subject);
    });
  }

  /** @throws RegistryRefusal subjectNotFound where there is none at all (`all`, `deleted`), or none that lives */
  versions(subject: string, shown: Shown, { offset, limit }: Page): Promise<{ readonly version: number; readonly isDeleted: boolean }[]> {
    return answering(async () => {
      if (!(await this.#hasVersions(subject, shown !== 'live'))) throw subjectNotFound(subject);
      const rows = await this.#manager.query<{ version: number; is_deleted: boolean }[]>(
        `SELECT version, is_deleted FROM registry.subject_version
         WHERE subject = $1 AND ($2 = 'all' OR is_deleted = ($2 = 'deleted')) ORDER BY version OFFSET $3 LIMIT $4`,
        [subject, shown, offset, limit],
      );
      return rows.map(({ version, is_deleted }) => ({ version, isDeleted: is_deleted }));
    });
  }

  /**
   * A version; `latest` is the last that lives. A subject of the default context that is not there is looked for in the others.
   * @throws RegistryRefusal subjectNotFound, versionNotFound
   */
  version(subject: string, wanted: number | 'latest', deleted: boolean): Promise<CataloguedVersion> {
    return this.#remembered.read(`version ${wanted} ${deleted} ${subject}`, () =>
      answering(async () => {
        const { context, name } = subjectName(subject);
        const rows = await this.#manager.query<VersionRow[]>(
          `SELECT ${versionColumns} FROM ${versionTables}
           WHERE v.name = $1 AND (v.context = $2 OR $2 = '.') AND (v.version = $3 OR $3 IS NULL) AND ($4 OR NOT v.is_deleted)
           ORDER BY v.context <> '.', v.context, v.version DESC LIMIT 1`,
          [name, context, wanted === 'latest' ? null : wanted, deleted && wanted !== 'latest'],
        );
        if (rows[0] !== undefined) return cataloguedVersion(rows[0]);
        throw (await this.#hasVersions(subject, deleted)) ? versionNotFound(wanted) : subjectNotFound(subject);
      }),
    );
  }

  /** The last version whose metadata have these properties. @throws RegistryRefusal subjectNotFound, schemaNotFound */
  latestWithMetadata(subject: string, properties: Readonly<Record<string, string>>, deleted: boolean): Promise<CataloguedVersion> {
    return answering(async () => {
      const rows = await this.#manager.query<VersionRow[]>(
        `SELECT ${versionColumns} FROM ${versionTables}
         WHERE v.subject = $1 AND ($2 OR NOT v.is_deleted) AND s.metadata -> 'properties' @> $3::jsonb ORDER BY v.version DESC LIMIT 1`,
        [subject, deleted, JSON.stringify(properties)],
      );
      if (rows[0] !== undefined) return cataloguedVersion(rows[0]);
      throw (await this.#hasVersions(subject, deleted)) ? schemaNotFound('Schema not found') : subjectNotFound(subject);
    });
  }

  /**
   * Versions of all subjects with a prefix, by subject and version, a part at a time.
   * @param options `latestOnly`: the last of each subject that is shown; `ruleType`: those with a rule of the type; `aliases`: with the names that stand for a subject, and subjects that such a name with the
   * prefix stands for
   */
  async *list(
    prefix: string,
    options: { readonly deleted: boolean; readonly latestOnly: boolean; readonly ruleType: string; readonly aliases: boolean } & Page,
  ): AsyncGenerator<(CataloguedVersion & { readonly aliases: readonly string[] })[]> {
    const { where, values } = prefixed(prefix);
    const { deleted, latestOnly, ruleType, offset, limit } = options;
    const aliases = options.aliases ? await this.#aliases(prefix) : new Map<string, string[]>();
    const keys = await answering(() =>
      this.#manager.query<ListedKey[]>(
        `WITH page AS (
           SELECT subject, version FROM (
             SELECT ${latestOnly ? 'DISTINCT ON (v.subject)' : ''} v.subject, v.version, s.rule_set FROM ${versionTables}
             WHERE (${where} OR v.subject = ANY ($3)) AND ($4 OR NOT v.is_deleted) ORDER BY v.subject, v.version DESC) AS found
           WHERE $5 = '' OR jsonb_path_exists(rule_set, '$.*[*] ? (@.type == $type)', jsonb_build_object('type', $5::text))
           ORDER BY subject, version OFFSET $6 LIMIT $7)
         SELECT v.subject, v.version, octet_length(s.text) + octet_length(s."references"::text)
           + coalesce(octet_length(s.metadata::text), 0) + coalesce(octet_length(s.rule_set::text), 0) AS bytes
         FROM ${versionTables} JOIN page ON page.subject = v.subject AND page.version = v.version ORDER BY v.subject, v.version`,
        [...values, [...aliases.keys()], deleted, ruleType, offset, limit],
      ),
    );
    for await (const versions of versionsInBatches(this.#manager, keys, deleted))
      yield versions.map((version) => ({ ...version, aliases: aliases.get(version.subject) ?? [] }));
  }

  /**
   * The schema of an id, with a version that has it: of the subject where one is named and has it.
   * @param subject whose context is asked; the default one without it
   * @throws RegistryRefusal schemaNotFound
   */
  schema(id: number, subject = ''): Promise<CataloguedVersion> {
    return this.#remembered.readFixed(`id ${id} ${subject}`, () => this.schemaNow(id, subject));
  }

  /** As {@link schema}, by what the database says at this moment. */
  schemaNow(id: number, subject = ''): Promise<CataloguedVersion> {
    return answering(async () => {
      const { context, name } = subjectName(subject);
      const rows = await this.#manager.query<VersionRow[]>(
        `SELECT ${versionColumns} FROM ${versionTables}
         WHERE v.schema_id = $1 AND (v.context = $2 OR ($2 = '.' AND v.name = $3)) AND ($2 = '.' OR $3 = '' OR v.name = $3)
         ORDER BY v.name <> $3, v.context <> '.', v.context, v.is_deleted, v.subject, v.version LIMIT 1`,
        [id, context, name],
      );
      if (rows[0] === undefined) throw schemaNotFound(`Schema ${id} not found`);
      return cataloguedVersion(rows[0]);
    });
  }

  /** The highest id of the context that a schema lies in. */
  maxId(subject: string): Promise<number> {
    return answering(async () => {
      const [row] = await this.#manager.query<{ last_id: number }[]>(`SELECT last_id FROM registry.context WHERE name = $1`, [
        subjectName(subject).context,
      ]);
      return row?.last_id ?? 0;
    });
  }

  /** @throws RegistryRefusal schemaNotFound */
  byGuid(guid: string): Promise<CataloguedVersion> {
    return this.#remembered.readFixed(`guid ${guid.toLowerCase()}`, () =>
      answering(async () => {
        const rows = !guidForm.test(guid)
          ? []
          : await this.#manager.query<VersionRow[]>(
              `SELECT ${versionColumns} FROM ${versionTables} WHERE s.guid = $1 ORDER BY s.context <> '.', s.context, s.id, v.is_deleted LIMIT 1`,
              [guid],
            );
        if (rows[0] === undefined) throw schemaNotFound(`Schema ${guid.slice(0, 40)} not found`);
        return cataloguedVersion(rows[0]);
      }),
    );
  }

  /** The ids of a GUID: one in each context that has it. */
  idsByGuid(guid: string): Promise<{ readonly context: string; readonly id: number }[]> {
    if (!guidForm.test(guid)) return Promise.resolve([]);
    return answering(() =>
      this.#manager.query<{ context: string; id: number }[]>(
        `SELECT DISTINCT s.context, s.id FROM ${versionTables} WHERE s.guid = $1 ORDER BY s.context, s.id`,
        [guid],
      ),
    );
  }

  /** Where the schema of an id is used. @throws RegistryRefusal schemaNotFound */
  async uses(id: number, subject: string, deleted: boolean): Promise<{ readonly subject: string; readonly version: number }[]> {
    const { subject: found } = await this.schema(id, subject).catch((error: unknown) => {
      throw error instanceof RegistryRefusal && error.reason === 'schemaNotFound' ? schemaNotFound('Schema not found') : error;
    });
    const { context } = subjectName(found);
    return this.#remembered.read(`uses ${id} ${deleted} ${context}`, () =>
      answering(() =>
        this.#manager.query<{ subject: string; version: number }[]>(
          `SELECT subject, version FROM registry.subject_version WHERE context = $1 AND schema_id = $2 AND ($3 OR NOT is_deleted) ORDER BY subject, version`,
          [context, id, deleted],
        ),
      ),
    );
  }

  /** Ids of the schemas that refer to a version and are used. @throws RegistryRefusal subjectNotFound, versionNotFound */
  async referencedBy(subject: string, wanted: number | 'latest', deleted: boolean, { offset, limit }: Page): Promise<number[]> {
    const found = await this.version(subject, wanted, true);
    return answering(async () => {
      const rows = await this.#manager.query<{ schema_id: number }[]>(
        `SELECT context, schema_id FROM registry.schema_reference r WHERE r.subject = $1 AND r.version = $2 AND EXISTS (
           SELECT FROM registry.subject_version v WHERE v.context = r.context AND v.schema_id = r.schema_id AND ($3 OR NOT v.is_deleted))
         ORDER BY context, schema_id OFFSET $4 LIMIT $5`,
        [found.subject, found.version, deleted, offset, limit],
      );
      return rows.map(({ schema_id }) => schema_id);
    });
  }

  contexts(prefix: string, { offset, limit }: Page): Promise<string[]> {
    return answering(async () => {
      const rows = await this.#manager.query<{ name: string }[]>(
        `SELECT name FROM registry.context WHERE is_listed AND starts_with(name, $1) ORDER BY name OFFSET $2 LIMIT $3`,
        [prefix, offset, limit],
      );
      return rows.map(({ name }) => name);
    });
  }

  /** A schema's text with all that it refers to inside. @throws RegistryRefusal invalidSchema */
  resolved({ subject, schema, references }: Pick<CataloguedVersion, 'subject' | 'schema' | 'references'>): Promise<string> {
    return answering(async () => resolvedText(schema, (await loadReferenced(this.#manager, subject, references, true)).texts));
  }

  /** Where a schema has these tags. @throws RegistryRefusal invalidSchema */
  tags(
    { subject, schema, references }: Pick<CataloguedVersion, 'subject' | 'schema' | 'references'>,
    wanted: readonly string[],
  ): Promise<SchemaTags[]> {
    return answering(async () => {
      const { texts } = await loadReferenced(this.#manager, subject, references, true);
      return tagsOf(readSchema(subject, { text: schema, references }, texts).schema, wanted);
    });
  }

  async #hasVersions(subject: string, deleted: boolean): Promise<boolean> {
    const [row] = await this.#manager.query<{ found: boolean }[]>(
      `SELECT EXISTS (SELECT FROM registry.subject_version WHERE subject = $1 AND ($2 OR NOT is_deleted)) AS found`,
      [subject, deleted],
    );
    return row?.found === true;
  }

  /** Subjects by the names with a prefix that stand for them. */
  #aliases(prefix: string): Promise<Map<string, string[]>> {
    return answering(async () => {
      const { context, name } = subjectName(prefix);
      const rows = await this.#manager.query<{ subject: string; config: SubjectConfig }[]>(
        `SELECT subject, config FROM registry.subject_settings WHERE config ->> 'alias' <> '' ORDER BY subject`,
      );
      const found = new Map<string, string[]>();
      for (const { subject, config } of rows) {
        const own = subjectName(subject);
        const isMeant = (prefix === '' || context === '*' || own.context === context) && own.name.startsWith(name);
        const target = besideSubject(subject, config.alias ?? '');
        if (isMeant) found.set(target, [...(found.get(target) ?? []), subject]);
      }
      return found;
    });
  }
}

/** Condition on `v` for the subjects that begin with a prefix, with two values. No prefix at all means every subject of every context. */
function prefixed(prefix: string): { readonly where: string; readonly values: readonly [string, string] } {
  const { context, name } = subjectName(prefix);
  const isEverywhere = prefix === '' || context === '*';
  return { where: `($1 = '*' OR v.context = $1) AND starts_with(v.name, $2)`, values: [isEverywhere ? '*' : context, name] };
}

export function subjectNotFound(subject: string): RegistryRefusal {
  return new RegistryRefusal('subjectNotFound', `Subject '${subject}' not found.`);
}

export function schemaNotFound(message: string): RegistryRefusal {
  return new RegistryRefusal('schemaNotFound', message);
}
