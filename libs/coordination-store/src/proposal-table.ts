import type { Clock } from '@truc/kernel';
import { type EntityManager } from 'typeorm';
import { changesOf, openChanges, type StoredChanges } from './stored-text.js';
import { DictionaryProposalRow, ProposalEventRow, type ProposalEventKind, type StoredProposalState } from './proposal-entities.js';

/** Who says or does something. */
export interface Speaker {
  readonly name: string;
  readonly agency: string | null;
}

export interface NewProposal {
  readonly base: number;
  /** Or their JSON. */
  readonly changes: object | string;
  readonly note: string;
}

/** A proposal without its changes, which can be megabytes. */
export type ProposalSummary = Omit<DictionaryProposalRow, 'changes'>;

const summaryColumns = {
  number: true,
  base: true,
  note: true,
  proposer: true,
  agency: true,
  state: true,
  release: true,
  proposedAt: true,
  endedAt: true,
} as const;

/** Where a release came from: who approved it, and of which proposal; those three are null of a release without one. */
export interface ReleaseSummary {
  readonly number: number;
  readonly appliedBy: string;
  readonly appliedAt: Date;
  readonly proposal: number | null;
  readonly proposer: string | null;
  readonly note: string | null;
}

export interface EntryStanding extends Omit<ReleaseSummary, 'number'> {
  readonly release: number;
  readonly version: string;
  /** Null where it was written before entries had one. */
  readonly status: string | null;
  readonly steward: string | null;
}

/** Proposals of the dictionary and what was said about them. Numbers are given inside an apply, of which only one runs at a time. */
export class ProposalTable {
  readonly #manager: EntityManager;
  readonly #clock: Clock;

  constructor(manager: EntityManager, clock: Clock) {
    this.#manager = manager;
    this.#clock = clock;
  }

  one(number: number): Promise<DictionaryProposalRow | null> {
    return this.#manager.findOneBy(DictionaryProposalRow, { number });
  }

  /** Without its changes. */
  summary(number: number): Promise<ProposalSummary | null> {
    return this.#manager.findOne(DictionaryProposalRow, { select: summaryColumns, where: { number } });
  }

  /** Those of somebody that nobody has decided about, with nothing but what they change, as it is stored. */
  openChanges(proposer: string): Promise<StoredChanges[]> {
    return openChanges(this.#manager, proposer);
  }

  openCount(proposer: string): Promise<number> {
    return this.#manager.countBy(DictionaryProposalRow, { state: 'proposed', proposer });
  }

  changesOf(number: number): Promise<StoredChanges | null> {
    return changesOf(this.#manager, number);
  }

  /** The latest first. */
  latest(limit = 100): Promise<ProposalSummary[]> {
    return this.#manager.find(DictionaryProposalRow, {
      select: summaryColumns,
      order: { number: 'DESC' },
      take: Math.min(limit, 1000),
    });
  }

  /** The latest first; releases that came before proposals have none. */
  releases(limit = 1000): Promise<ReleaseSummary[]> {
    return this.#manager.query(
      `SELECT release.number, release.applied_by AS "appliedBy", release.applied_at AS "appliedAt",
              proposal.number AS proposal, proposal.proposer, proposal.note
         FROM coordination.dictionary_release release LEFT JOIN coordination.dictionary_proposal proposal ON proposal.release = release.number
        ORDER BY release.number DESC LIMIT $1`,
      [limit],
    );
  }

  /**
   * How one entry stood in each release that changed it, the first one first.
   * @param part the list that it stands in, as in `elements`
   */
  async entryHistory(part: 'concepts' | 'elements' | 'valueDomains' | 'codeLists', id: string): Promise<EntryStanding[]> {
    // A code list can be megabytes: a digest tells whether it changed.
    return this.#manager.query(
      `WITH standing AS (
         SELECT number, applied_by, applied_at,
                jsonb_path_query_first(content, ('$.' || $1 || '[*] ? (@.id == $id)')::jsonpath, jsonb_build_object('id', $2::text)) AS entry
           FROM coordination.dictionary_release),
       compared AS (
         SELECT *, lag(md5(entry::text)) OVER (ORDER BY number) AS before FROM standing WHERE entry IS NOT NULL)
       SELECT compared.number AS release, compared.applied_by AS "appliedBy", compared.applied_at AS "appliedAt",
              entry ->> 'version' AS version, entry ->> 'status' AS status, entry ->> 'steward' AS steward,
              proposal.number AS proposal, proposal.proposer, proposal.note
         FROM compared LEFT JOIN coordination.dictionary_proposal proposal ON proposal.release = compared.number
        WHERE before IS DISTINCT FROM md5(entry::text)
        ORDER BY compared.number`,
      [part, id],
    );
  }

  events(proposal: number): Promise<ProposalEventRow[]> {
    return this.#manager.find(ProposalEventRow, { where: { proposal }, order: { id: 'ASC' } });
  }

  /** @returns its number */
  async add({ base, changes, note }: NewProposal, { name, agency }: Speaker): Promise<number> {
    const rows: { number: number }[] = await this.#manager.query(
      `INSERT INTO coordination.dictionary_proposal (number, base, changes, note, proposer, agency, state, proposed_at)
       SELECT coalesce(max(number), 0) + 1, $1, $2, $3, $4, $5, 'proposed', $6 FROM coordination.dictionary_proposal RETURNING number`,
      [base, typeof changes === 'string' ? changes : JSON.stringify(changes), note, name, agency, this.#now()],
    );
    const number = Number(rows[0]?.number);
    await this.say(number, 'proposed', note, { name, agency });
    return number;
  }

  async say(proposal: number, event: ProposalEventKind, comment: string, { name, agency }: Speaker): Promise<void> {
    await this.#manager.insert(ProposalEventRow, { proposal, event, comment, principal: name, agency, at: this.#now() });
  }

  /** Ends a proposal. @param release the one that approving it made */
  async end(number: number, state: Exclude<StoredProposalState, 'proposed'>, release: number | null): Promise<void> {
    await this.#manager.update(DictionaryProposalRow, { number }, { state, release, endedAt: this.#now() });
  }

  #now(): Date {
    return new Date(this.#clock.now());
  }
}
