import type { EntityManager } from 'typeorm';

/** Something large of the dictionary as the JSON that is stored, for whoever parses it elsewhere. */
export interface StoredText {
  /** Of the release. */
  readonly number: number;
  readonly content: string;
}

/** A release's content; the latest one's where no number is given. */
export async function releaseText(manager: EntityManager, number: number | null): Promise<StoredText | null> {
  const rows: StoredText[] = await manager.query(
    `SELECT number, content::text AS content FROM coordination.dictionary_release WHERE $1::integer IS NULL OR number = $1 ORDER BY number DESC LIMIT 1`,
    [number],
  );
  return rows[0] ?? null;
}

export interface StoredChanges {
  /** Of the proposal. */
  readonly number: number;
  /** Number of the release that it was made of. */
  readonly base: number;
  readonly changes: string;
}

/** What the proposals change that somebody made and nobody has decided about, the oldest first. */
export function openChanges(manager: EntityManager, proposer: string): Promise<StoredChanges[]> {
  return manager.query(
    `SELECT number, base, changes::text AS changes FROM coordination.dictionary_proposal WHERE state = 'proposed' AND proposer = $1 ORDER BY number`,
    [proposer],
  );
}

export async function changesOf(manager: EntityManager, proposal: number): Promise<StoredChanges | null> {
  const rows: StoredChanges[] = await manager.query(
    'SELECT number, base, changes::text AS changes FROM coordination.dictionary_proposal WHERE number = $1',
    [proposal],
  );
  return rows[0] ?? null;
}
