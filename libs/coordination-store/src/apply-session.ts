import type { Clock } from '@truc/kernel';
import type { EntityManager } from 'typeorm';
import { AuditRow, DictionaryReleaseRow, DocumentRow } from './entities.js';
import { ProposalTable } from './proposal-table.js';
import { storeRevision } from './store-revision.js';
import { releaseText, type StoredText } from './stored-text.js';

/** A document to be kept. */
export interface DocumentToSave {
  readonly kind: string;
  readonly name: string;
  readonly agency: string;
  readonly body: object;
}

/** The inside of one apply: reads what holds, writes what changes, all in one transaction. */
export class ApplySession {
  readonly #manager: EntityManager;
  readonly #principal: string;
  readonly #clock: Clock;
  readonly proposals: ProposalTable;

  constructor(manager: EntityManager, principal: string, clock: Clock) {
    this.#manager = manager;
    this.#principal = principal;
    this.#clock = clock;
    this.proposals = new ProposalTable(manager, clock);
  }

  /** The same as before where documents, dictionary and the principal's open proposals are: then a plan made before the apply still holds. */
  revision(): Promise<string> {
    return storeRevision(this.#manager, this.#principal);
  }

  documents(): Promise<DocumentRow[]> {
    return this.#manager.find(DocumentRow);
  }

  async latestRelease(): Promise<DictionaryReleaseRow | null> {
    const [latest] = await this.#manager.find(DictionaryReleaseRow, { order: { number: 'DESC' }, take: 1 });
    return latest ?? null;
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

  /** Writes a document as its next revision. */
  async save({ kind, name, agency, body }: DocumentToSave): Promise<void> {
    await this.#manager.query(
      `INSERT INTO coordination.document (kind, name, agency, body, revision, applied_by, applied_at) VALUES ($1, $2, $3, $4, 1, $5, $6)
       ON CONFLICT (kind, name) DO UPDATE SET agency = excluded.agency, body = excluded.body, revision = document.revision + 1,
         applied_by = excluded.applied_by, applied_at = excluded.applied_at`,
      [kind, name, agency, JSON.stringify(body), this.#principal, this.#now()],
    );
  }

  /** Keeps a release of the dictionary; `number` is one more than the latest. @param content or its JSON */
  async addRelease(number: number, content: object | string): Promise<void> {
    await this.#manager.query(
      'INSERT INTO coordination.dictionary_release (number, content, applied_by, applied_at) VALUES ($1, $2, $3, $4)',
      [number, typeof content === 'string' ? content : JSON.stringify(content), this.#principal, this.#now()],
    );
  }

  /** @param of what was done, and to what */
  async audit(result: string, detail: object, of = { action: 'apply', subject: 'documents' }): Promise<void> {
    await this.#manager.insert(AuditRow, {
      at: this.#now(),
      principal: this.#principal,
      ...of,
      result,
      detail,
    });
  }

  #now(): Date {
    return new Date(this.#clock.now());
  }
}
