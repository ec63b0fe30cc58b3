import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How far a proposal is; described in libs/coordination. */
export type StoredProposalState = 'proposed' | 'approved' | 'rejected' | 'withdrawn';
/** What was said about a proposal or done with it. */
export type ProposalEventKind = 'proposed' | 'agreed' | 'objected' | 'approved' | 'rejected' | 'withdrawn';

/** Changes of the dictionary that somebody wants; immutable but for its end. */
@Entity({ schema: 'coordination', name: 'dictionary_proposal' })
export class DictionaryProposalRow {
  @PrimaryColumn({ type: 'integer' })
  number!: number;

  /** Number of the release that the changes were made of. */
  @Column({ type: 'integer' })
  base!: number;

  @Column({ type: 'jsonb' })
  changes!: object;

  @Column({ type: 'text' })
  note!: string;

  @Column({ type: 'text' })
  proposer!: string;

  @Column({ type: 'text', nullable: true })
  agency!: string | null;

  @Column({ type: 'text' })
  state!: StoredProposalState;

  /** Number of the release that approving it made. */
  @Column({ type: 'integer', nullable: true })
  release!: number | null;

  @Column({ type: 'timestamptz', name: 'proposed_at' })
  proposedAt!: Date;

  @Column({ type: 'timestamptz', name: 'ended_at', nullable: true })
  endedAt!: Date | null;
}

@Entity({ schema: 'coordination', name: 'dictionary_proposal_event' })
export class ProposalEventRow {
  @PrimaryColumn({ type: 'bigint', generated: 'identity' })
  id!: string;

  @Column({ type: 'integer' })
  proposal!: number;

  @Column({ type: 'timestamptz' })
  at!: Date;

  @Column({ type: 'text' })
  principal!: string;

  @Column({ type: 'text', nullable: true })
  agency!: string | null;

  @Column({ type: 'text' })
  event!: ProposalEventKind;

  @Column({ type: 'text' })
  comment!: string;
}
