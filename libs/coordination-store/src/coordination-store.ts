import {
  openStoreDatabase,
  storeDatabaseOptions,
  systemClock,
  TrucError,
  type Clock,
  type SecretText,
  type StorePurpose,
} from '@truc/kernel';
import { DataSource, type EntityManager } from 'typeorm';
import { ApplySession } from './apply-session.js';
import { AuditRow, CommandRow, DictionaryReleaseRow, DocumentRow, PrincipalRow, type CommandState } from './entities.js';
import { Coordination1794200000000 } from './migrations/1-coordination.js';
import { DictionaryProposals1794800000000 } from './migrations/2-dictionary-proposals.js';
import { DictionaryProposalRow, ProposalEventRow } from './proposal-entities.js';
import { ProposalTable } from './proposal-table.js';
import { storeRevision } from './store-revision.js';
import { releaseText, type StoredText } from './stored-text.js';

/** Names of the advisory locks, so that two platforms on one database take turns. */
const migrationLock = 7_194_002_001;
const applyLock = 7_194_002_002;
const schema = 'coordination';

export interface CoordinationStoreOptions {
  /** `postgres://user:password@host:port/database` */
  readonly url: SecretText;
  readonly clock?: Clock;
  readonly connectionsMax?: number;
}

export interface AuditEntry {
  readonly principal: string;
  readonly action: string;
  readonly subject: string;
  readonly result: string;
  readonly detail?: object;
}

export interface NewCommand {
  readonly id: string;
  readonly agency: string;
  readonly name: string;
  readonly source: string | null;
  readonly principal: string;
  readonly deadlineMs: number;
}

/** What the platform remembers, in PostgreSQL (schema `coordination`). */
export class CoordinationStore {
  readonly #database: DataSource;
  readonly #clock: Clock;

  private constructor(database: DataSource, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /**
   * Connects and brings the tables to the present shape.
   * @throws TrucError COORDINATION_STORE_UNREACHABLE (retry), COORDINATION_STORE_MIGRATION
   */
  static async open({ url, clock = systemClock, connectionsMax = 8 }: CoordinationStoreOptions): Promise<CoordinationStore> {
    const settings = { url, schema, applicationName: 'truc-platform', connectionsMax };
    const make = (purpose: StorePurpose): DataSource =>
      new DataSource({
        ...storeDatabaseOptions(settings, purpose),
        entities: [DocumentRow, DictionaryReleaseRow, DictionaryProposalRow, ProposalEventRow, PrincipalRow, CommandRow, AuditRow],
        migrations: [Coordination1794200000000, DictionaryProposals1794800000000],
      });
    const database = await openStoreDatabase(make, { schema, owner: 'platform', code: 'COORDINATION_STORE', migrationLock });
    return new CoordinationStore(database, clock);
  }

  /**
   * One apply is one transaction, and only one runs at a time. What `work` throws rolls all of it back.
   * @throws TrucError COORDINATION_STORE_BUSY (retry) when another apply takes too long
   */
  async apply<T>(principal: string, work: (session: ApplySession) => Promise<T>): Promise<T> {
    return this.#database.transaction(async (manager) => {
      await manager.query('SELECT pg_advisory_xact_lock($1)', [applyLock]).catch((cause: unknown) => {
        const message = 'another apply is not through yet; apply again in a moment';
        throw new TrucError('COORDINATION_STORE_BUSY', message, { retry: true, cause });
      });
      return work(new ApplySession(manager, principal, this.#clock));
    });
  }

  /** Changes with whatever is planned on: see {@link ApplySession.revision}. */
  revision(principal: string): Promise<string> {
    return storeRevision(this.#manager, principal);
  }

  documents(kind?: string): Promise<DocumentRow[]> {
    return this.#manager.find(DocumentRow, { where: kind === undefined ? {} : { kind }, order: { kind: 'ASC', name: 'ASC' } });
  }

  document(kind: string, name: string): Promise<DocumentRow | null> {
    return this.#manager.findOneBy(DocumentRow, { kind, name });
  }

  async latestRelease(): Promise<DictionaryReleaseRow | null> {
    const [latest] = await this.#manager.find(DictionaryReleaseRow, { order: { number: 'DESC' }, take: 1 });
    return latest ?? null;
  }

  /** In their order. */
  async releaseNumbers(): Promise<number[]> {
    const rows = await this.#manager.find(DictionaryReleaseRow, { select: { number: true }, order: { number: 'ASC' } });
    return rows.map(({ number }) => number);
  }

  release(number: number): Promise<DictionaryReleaseRow | null> {
    return this.#manager.findOneBy(DictionaryReleaseRow, { number });
  }

  latestReleaseNumber(): Promise<number | null> {
    return this.#manager.maximum(DictionaryReleaseRow, 'number');
  }

  /** The content as it is stored; of the latest release where there is no number. */
  releaseText(number: number | null): Promise<StoredText | null> {
    return releaseText(this.#manager, number);
  }

  get proposals(): ProposalTable {
    return new ProposalTable(this.#manager, this.#clock);
  }

  principals(): Promise<PrincipalRow[]> {
    return this.#manager.find(PrincipalRow, { order: { name: 'ASC' } });
  }

  principal(name: string): Promise<PrincipalRow | null> {
    return this.#manager.findOneBy(PrincipalRow, { name });
  }

  /** @returns false where the name is taken */
  async addPrincipal(row: { name: string; agency: string | null; role: string; createdBy: string }): Promise<boolean> {
    const result = await this.#manager
      .createQueryBuilder()
      .insert()
      .into(PrincipalRow)
      .values({ ...row, createdAt: this.#now() })
      .orIgnore()
      .returning('name')
      .execute();
    return (result.raw as unknown[]).length === 1;
  }

  async removePrincipal(name: string): Promise<boolean> {
    const { affected } = await this.#manager.delete(PrincipalRow, { name });
    return affected === 1;
  }

  async addCommand(command: NewCommand): Promise<void> {
    const { deadlineMs, ...row } = command;
    const values = {
      ...row,
      deadline: new Date(deadlineMs),
      state: 'sent' as const,
      attempts: 0,
      result: null,
      createdAt: this.#now(),
      endedAt: null,
    };
    await this.#manager.insert(CommandRow, values);
  }

  async countAttempt(id: string): Promise<void> {
    await this.#manager.increment(CommandRow, { id }, 'attempts', 1);
  }

  /** A command ends once: a later end of the same command changes nothing. */
  async endCommand(id: string, state: Exclude<CommandState, 'sent'>, result: object | null): Promise<void> {
    await this.#manager.query(`UPDATE coordination.command SET state = $2, result = $3, ended_at = $4 WHERE id = $1 AND state = 'sent'`, [
      id,
      state,
      result === null ? null : JSON.stringify(result),
      this.#now(),
    ]);
  }

  command(id: string): Promise<CommandRow | null> {
    return this.#manager.findOneBy(CommandRow, { id });
  }

  async audit(entry: AuditEntry): Promise<void> {
    await this.#manager.insert(AuditRow, { detail: {}, ...entry, at: this.#now() });
  }

  /** The latest rows first. */
  audits(limit = 100): Promise<AuditRow[]> {
    return this.#manager.find(AuditRow, { order: { id: 'DESC' }, take: Math.min(limit, 1000) });
  }

  /** @throws when the database does not answer */
  async ping(): Promise<void> {
    await this.#database.query('SELECT 1');
  }

  async close(): Promise<void> {
    await this.#database.destroy();
  }

  get #manager(): EntityManager {
    return this.#database.manager;
  }

  #now(): Date {
    return new Date(this.#clock.now());
  }
}
