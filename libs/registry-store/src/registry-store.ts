import { systemClock, type Clock } from '@truc/kernel';
import {
  checkSubject,
  incompatibilityMessages,
  judge,
  planLevel,
  planMode,
  RegistryRefusal,
  type Caller,
  type Mode,
  type SchemaReference,
  type Settings,
  type SubjectRules,
} from '@truc/registry';
import type { CompatibilityLevel } from '@truc/avro';
import type { Language } from '@truc/dictionary';
import type { DataSource, EntityManager } from 'typeorm';
import { answering, inChange, openDatabase } from './database.js';
import { deleteSubject, deleteVersion } from './deletion-transaction.js';
import { SubjectSettingsRow, SubjectVersionRow } from './entities.js';
import { readWithRules, registerSchema, type NewSchema, type Registered } from './registration-transaction.js';
import { loadSettings, loadSubjectState } from './schema-reads.js';
import { SchemaCatalogue } from './schema-catalogue.js';

export interface RegistryStoreOptions {
  /** `postgres://user:password@host:port/database` */
  readonly url: string;
  readonly clock?: Clock;
  readonly connectionsMax?: number;
}

/** What the registry remembers, in PostgreSQL (schema `registry`). Everything throws RegistryRefusal: the decision's, or storeFailed when the database does not answer. */
export class RegistryStore {
  /** Everything that only looks. */
  readonly catalogue: SchemaCatalogue;
  readonly #database: DataSource;
  readonly #clock: Clock;

  private constructor(database: DataSource, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
    this.catalogue = new SchemaCatalogue(database.manager);
  }

  /** @throws TrucError REGISTRY_STORE_UNREACHABLE (retry), REGISTRY_STORE_MIGRATION */
  static async open({ url, clock = systemClock, connectionsMax = 8 }: RegistryStoreOptions): Promise<RegistryStore> {
    return new RegistryStore(await openDatabase(url, connectionsMax), clock);
  }

  /** Registers in one transaction, rules included. The same schema has the same id under every subject. */
  register(schema: NewSchema, caller: Caller, rules: () => SubjectRules | null): Promise<Registered> {
    checkSubject(schema.subject);
    return inChange(this.#database, (manager) => registerSchema(manager, schema, caller, rules, this.#clock));
  }

  deleteSubject(subject: string, permanent: boolean, rules: () => SubjectRules | null, language: Language = 'en'): Promise<number[]> {
    return inChange(this.#database, (manager) => deleteSubject(manager, subject, permanent, rules(), language));
  }

  deleteVersion(
    subject: string,
    version: number | 'latest',
    permanent: boolean,
    rules: () => SubjectRules | null,
    language: Language = 'en',
  ): Promise<number> {
    return inChange(this.#database, (manager) => deleteVersion(manager, subject, version, permanent, rules(), language));
  }

  /**
   * Why a schema could not be registered after `version`, or (`all`) at all; empty when it could. Rules D are judged as at a registration.
   * @throws RegistryRefusal subjectNotFound, versionNotFound; invalidSchema with violations, dictionaryNotLoaded
   */
  async incompatibilities(
    subject: string,
    version: number | 'latest' | 'all',
    schema: { readonly text: string; readonly references: readonly SchemaReference[]; readonly language?: Language },
    rules: SubjectRules | null,
  ): Promise<string[]> {
    checkSubject(subject);
    return answering(async () => {
      const { manager } = this.#database;
      const state = await loadSubjectState(manager, subject);
      const document = await readWithRules(manager, { subject, ...schema }, state, null, rules);
      const judged = judge(state, document.schema, rules, schema.language);
      if (judged instanceof RegistryRefusal) throw judged;
      if (version === 'all') return incompatibilityMessages(state, document.schema, 'all');
      const live = state.versions.filter(({ isDeleted }) => !isDeleted);
      if (live.length === 0) {
        // As Confluent: there is nothing to be incompatible with before the first version.
        if (version === 'latest') return [];
        throw new RegistryRefusal('subjectNotFound', `Subject '${subject}' not found.`);
      }
      const against = version === 'latest' ? live.at(-1) : live.find((candidate) => candidate.version === version);
      if (against === undefined) throw new RegistryRefusal('versionNotFound', `Version ${version} not found.`);
      return incompatibilityMessages(state, document.schema, against.version);
    });
  }

  /** @param subject null for the settings of all */
  settings(subject: string | null): Promise<Settings> {
    return answering(() => loadSettings(this.#database.manager, subject));
  }

  setLevel(subject: string | null, level: unknown, language: Language = 'en'): Promise<CompatibilityLevel> {
    if (subject !== null) checkSubject(subject);
    return inChange(this.#database, async (manager) => {
      const planned = planLevel(subject, level, language);
      await saveSettings(manager, subject, { ...(await loadSettings(manager, subject)), level: planned });
      return planned;
    });
  }

  setMode(subject: string | null, mode: unknown): Promise<Mode> {
    if (subject !== null) checkSubject(subject);
    return inChange(this.#database, async (manager) => {
      const isEmpty = (await manager.countBy(SubjectVersionRow, subject === null ? {} : { subject })) === 0;
      const planned = planMode(subject, mode, isEmpty);
      await saveSettings(manager, subject, { ...(await loadSettings(manager, subject)), mode: planned });
      return planned;
    });
  }

  /** Takes back what was set; what was set for all, or the default, holds again. @returns what was set */
  clearSetting(subject: string | null, setting: 'level' | 'mode'): Promise<Settings> {
    return inChange(this.#database, async (manager) => {
      const before = await loadSettings(manager, subject);
      await saveSettings(manager, subject, { ...before, [setting]: null });
      return before;
    });
  }

  /** @throws RegistryRefusal storeFailed when the database does not answer */
  async ping(): Promise<void> {
    await answering(() => this.#database.query('SELECT 1'));
  }

  async close(): Promise<void> {
    await this.#database.destroy();
  }
}

async function saveSettings(manager: EntityManager, subject: string | null, { level, mode }: Settings): Promise<void> {
  await manager.save(SubjectSettingsRow, { subject: subject ?? '', level, mode });
}
