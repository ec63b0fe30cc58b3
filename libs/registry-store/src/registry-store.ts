import { createHash } from 'node:crypto';
import { type Clock, type Language, type SecretText, systemClock } from '@truc/kernel';
import {
  canonicalSubject,
  checkSubject,
  incompatibilityMessages,
  judge,
  liveVersions,
  RegistryRefusal,
  subjectParts,
  versionNotFound,
  type Caller,
  type ConfigChange,
  type Mode,
  type Scopes,
  type SubjectConfig,
  type SubjectRules,
} from '@truc/registry';
import type { DataSource, EntityManager } from 'typeorm';
import type { CataloguedVersion } from './catalogued-version.js';
import { ChangeBatches, inTurn } from './change-batches.js';
import { announceChange, ChangeFeed } from './change-feed.js';
import { answering, inChange, openDatabase } from './database.js';
import { deleteSubject, deleteVersion } from './deletion-transaction.js';
import { ContextRow, SubjectVersionRow } from './entities.js';
import { readWithRules, registerTogether, type NewSchema, type Registered, type Registration } from './registration-transaction.js';
import { RegistryCopy } from './registry-copy.js';
import { PlainAnswers, RememberedReads, type AnswerMemory } from './remembered-reads.js';
import { meantSubject } from './meant-subject.js';
import { lookUp, type LookedUp } from './schema-lookup.js';
import { loadScopes, loadSubjectState } from './schema-reads.js';
import { SchemaCatalogue } from './schema-catalogue.js';
import { changeConfig, changeMode, clearConfig, clearMode } from './settings-transaction.js';

export interface RegistryStoreOptions {
  /** `postgres://user:password@host:port/database`, revealed at each connection. */
  readonly url: SecretText;
  readonly clock?: Clock;
  readonly connectionsMax?: number;
  /** Bytes of answers that are kept. */
  readonly rememberedBytesMax?: number;
}

/**
 * What the registry remembers, in PostgreSQL (schema `registry`). Everything throws RegistryRefusal: the decision's, storeFailed, or storeUnavailable when the database does not answer.
 * Schemas are read by their ids from memory while nothing has changed them; while the database is away, so are the versions and settings that were read before.
 */
export class RegistryStore {
  /** Everything that only looks. */
  readonly catalogue: SchemaCatalogue;
  /** For who moves a whole registry. */
  readonly copy: RegistryCopy;
  readonly #database: DataSource;
  readonly #feed: ChangeFeed;
  readonly #clock: Clock;
  readonly #remembered: RememberedReads<string, unknown>;
  readonly #registrations: ChangeBatches<Registration, Registered>;

  private constructor(database: DataSource, feed: ChangeFeed, clock: Clock, rememberedBytesMax: number) {
    this.#database = database;
    this.#feed = feed;
    this.#clock = clock;
    this.#remembered = new RememberedReads(new PlainAnswers(rememberedBytesMax), feed, clock);
    this.catalogue = new SchemaCatalogue(database.manager, this.#remembered);
    this.copy = new RegistryCopy(database);
    this.#registrations = new ChangeBatches((registrations) =>
      this.#changeOfIds(
        (manager) => inTurn(registrations, (asked) => registerTogether(manager, asked, clock)),
        (outcomes) => outcomes.some((outcome) => 'done' in outcome && outcome.done.changesIds),
      ),
    );
  }

  /** @throws TrucError REGISTRY_STORE_UNREACHABLE (retry), REGISTRY_STORE_MIGRATION */
  static async open({
    url,
    clock = systemClock,
    connectionsMax = 8,
    rememberedBytesMax = 32 * 1024 * 1024,
  }: RegistryStoreOptions): Promise<RegistryStore> {
    const database = await openDatabase(url, connectionsMax);
    return new RegistryStore(database, new ChangeFeed(url), clock, rememberedBytesMax);
  }

  /** Registers in one transaction, rules included, with others that are registered at the same time. The same schema has the same id under every subject of a context. */
  register(schema: NewSchema, caller: Caller, rules: () => SubjectRules | null): Promise<Registered> {
    const subject = checkSubject(schema.subject);
    return this.#registrations.change({ schema: { ...schema, subject }, caller, rules }, JSON.stringify(schema).length);
  }

  /** @param allow throws where the caller may not delete of the subject that the name stands for */
  deleteSubject(
    named: string,
    permanent: boolean,
    rules: () => SubjectRules | null,
    language: Language = 'en',
    allow: (subject: string) => void = () => undefined,
  ): Promise<number[]> {
    return this.#changeOfIds(async (manager) => {
      const subject = await meantNow(manager, named);
      allow(subject);
      return deleteSubject(manager, subject, permanent, rules(), language);
    });
  }

  /** @param allow as of {@link deleteSubject} */
  deleteVersion(
    named: string,
    version: number | 'latest',
    permanent: boolean,
    rules: () => SubjectRules | null,
    language: Language = 'en',
    allow: (subject: string) => void = () => undefined,
  ): Promise<number> {
    return this.#changeOfIds(async (manager) => {
      const subject = await meantNow(manager, named);
      allow(subject);
      return deleteVersion(manager, subject, version, permanent, rules(), language);
    });
  }

  /** Lists a context no more. @throws RegistryRefusal contextNotEmpty */
  deleteContext(context: string): Promise<void> {
    return inChange(this.#database, async (manager) => {
      if ((await manager.countBy(SubjectVersionRow, { context })) > 0) {
        throw new RegistryRefusal('contextNotEmpty', `The specified context '${context}' is not empty.`);
      }
      await manager.update(ContextRow, { name: context }, { isListed: false });
    });
  }

  /** The version under which a subject has a schema. @throws RegistryRefusal subjectNotFound, schemaNotFound; invalidSchema */
  lookUp(subject: string, schema: LookedUp, deleted: boolean, rules: SubjectRules | null): Promise<CataloguedVersion> {
    const question = createHash('sha256').update(JSON.stringify(schema)).digest('hex');
    return this.#remembered.read(`look-up ${deleted} ${question} ${subject}`, async () => {
      const found = await answering(() => lookUp(this.#database.manager, subject, schema, deleted, rules));
      return this.catalogue.version(found.subject, found.version, deleted);
    });
  }

  /**
   * Why a schema could not be registered after `version`, or (`all`) at all; empty when it could. Rules D are judged as at a registration.
   * @throws RegistryRefusal versionNotFound; invalidSchema with violations, dictionaryNotLoaded
   */
  async incompatibilities(
    subject: string,
    version: number | 'latest' | 'all',
    schema: LookedUp & { readonly language?: Language },
    rules: SubjectRules | null,
  ): Promise<string[]> {
    if (subjectParts(subject).isProtected) checkSubject(subject);
    return answering(async () => {
      const { manager } = this.#database;
      const state = await loadSubjectState(manager, subject);
      const live = liveVersions(state);
      const against = version === 'all' || version === 'latest' ? live.at(-1) : live.find((candidate) => candidate.version === version);
      if (typeof version === 'number' && against === undefined) throw versionNotFound(version);
      if (schema.text.trim() === '') throw new RegistryRefusal('invalidSchema', 'Invalid schema: Empty schema');
      const document = await readWithRules(manager, schema, state, null, rules);
      const judged = judge(state, document, rules, schema.language);
      if (judged instanceof RegistryRefusal) throw judged;
      // As Confluent: there is nothing to be incompatible with before the first version.
      if (version !== 'all' && against === undefined) return [];
      return incompatibilityMessages(state, document, schema, version === 'all' || against === undefined ? 'all' : against.version);
    });
  }

  /** Everything that was set and reaches a subject; null: what was set for all. */
  scopes(subject: string | null): Promise<Scopes> {
    return this.#remembered.read(`scopes ${subject ?? ''}`, () => answering(() => loadScopes(this.#database.manager, subject)));
  }

  /** The subject that a name stands for when something is read: itself, unless its settings say another one. Changes find it out by themselves, for it may come from memory. */
  meant(text: string): Promise<string> {
    return meantBy(text, (subject) => this.scopes(subject));
  }

  /** @param subject a context's too; null for all */
  changeConfig(subject: string | null, change: ConfigChange, language: Language = 'en'): Promise<SubjectConfig> {
    const name = subject === null ? null : checkSubject(subject, true);
    return inChange(this.#database, (manager) => changeConfig(manager, name, change, language));
  }

  /** Takes back what was set; what was set for all, or the default, holds again. @returns what was set */
  clearConfig(subject: string | null): Promise<SubjectConfig> {
    return inChange(this.#database, (manager) => clearConfig(manager, subject));
  }

  async changeMode(
    subject: string | null,
    mode: Mode | null,
    {
      force = false,
      rules,
      language = 'en',
    }: { readonly force?: boolean; readonly rules: () => SubjectRules | null; readonly language?: Language },
  ): Promise<void> {
    const name = subject === null ? null : checkSubject(subject, true);
    await this.#changeOfIds(
      (manager) => changeMode(manager, name, mode, { force, rules: rules(), language }),
      (hasEnded) => hasEnded,
    );
  }

  clearMode(subject: string | null, recursive = false): Promise<Mode | null> {
    return inChange(this.#database, (manager) => clearMode(manager, subject, recursive));
  }

  /** A memory of one's own for answers that are made of schemas: they are kept while no id means anything else, and for when the database is away. */
  remembered<K, V>(answers: AnswerMemory<K, V>): RememberedReads<K, V> {
    return new RememberedReads(answers, this.#feed, this.#clock);
  }

  /** @throws RegistryRefusal storeUnavailable when the database does not answer */
  async ping(): Promise<void> {
    await answering(() => this.#database.query('SELECT 1'));
  }

  async close(): Promise<void> {
    await this.#feed.close();
    await this.#database.destroy();
  }

  /**
   * A change that may change what an id means: every registry on the database hears of it with its commit, and this one before its caller is answered.
   * @param isHeard whether it did
   */
  async #changeOfIds<T>(work: (manager: EntityManager) => Promise<T>, isHeard: (done: T) => boolean = () => true): Promise<T> {
    let mayBeDone = false;
    try {
      return await inChange(this.#database, async (manager) => {
        const done = await work(manager);
        mayBeDone = isHeard(done);
        if (mayBeDone) await announceChange((sql) => manager.query(sql));
        return done;
      });
    } finally {
      // Also where the connection broke at the commit, and nobody knows whether it was one.
      if (mayBeDone) this.#feed.changed();
    }
  }
}

/** The subject that a name stands for inside a change: what the database says at that moment, and never what is remembered. */
function meantNow(manager: EntityManager, text: string): Promise<string> {
  return meantBy(text, (subject) => loadScopes(manager, subject));
}

async function meantBy(text: string, scopesOf: (subject: string) => Promise<Scopes>): Promise<string> {
  const subject = canonicalSubject(text);
  // Such a name is nowhere, and PostgreSQL knows no text with NUL.
  if (subject.includes('\u0000') || !subject.isWellFormed())
    throw new RegistryRefusal('subjectNotFound', `Subject '${subject}' not found.`);
  return subjectParts(subject).isProtected ? subject : meantSubject(subject, await scopesOf(subject));
}
