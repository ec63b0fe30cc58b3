import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A document as it was applied last. `revision` counts its changes from 1. */
@Entity({ schema: 'coordination', name: 'document' })
export class DocumentRow {
  @PrimaryColumn({ type: 'text' })
  kind!: string;

  @PrimaryColumn({ type: 'text' })
  name!: string;

  @Column({ type: 'text' })
  agency!: string;

  @Column({ type: 'jsonb' })
  body!: object;

  @Column({ type: 'integer' })
  revision!: number;

  @Column({ type: 'text', name: 'applied_by' })
  appliedBy!: string;

  @Column({ type: 'timestamptz', name: 'applied_at' })
  appliedAt!: Date;
}

/** A numbered, immutable release of the dictionary, whole. */
@Entity({ schema: 'coordination', name: 'dictionary_release' })
export class DictionaryReleaseRow {
  @PrimaryColumn({ type: 'integer' })
  number!: number;

  @Column({ type: 'jsonb' })
  content!: object;

  @Column({ type: 'text', name: 'applied_by' })
  appliedBy!: string;

  @Column({ type: 'timestamptz', name: 'applied_at' })
  appliedAt!: Date;
}

/** Somebody who may come in. The password is the broker's (SCRAM), the token is signed: neither is here. */
@Entity({ schema: 'coordination', name: 'principal' })
export class PrincipalRow {
  @PrimaryColumn({ type: 'text' })
  name!: string;

  @Column({ type: 'text', nullable: true })
  agency!: string | null;

  @Column({ type: 'text' })
  role!: string;

  @Column({ type: 'text', name: 'created_by' })
  createdBy!: string;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;
}

/**
 * How far a command is: `sent`, then exactly one of `answered` (the agent did it), `refused` (the agent says why not), `timed-out` (no reply by the deadline)
 * and `failed` (it could not be sent).
 */
export type CommandState = 'sent' | 'answered' | 'refused' | 'timed-out' | 'failed';

@Entity({ schema: 'coordination', name: 'command' })
export class CommandRow {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ type: 'text' })
  agency!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text', nullable: true })
  source!: string | null;

  @Column({ type: 'text' })
  principal!: string;

  @Column({ type: 'timestamptz' })
  deadline!: Date;

  @Column({ type: 'text' })
  state!: CommandState;

  @Column({ type: 'integer' })
  attempts!: number;

  @Column({ type: 'jsonb', nullable: true })
  result!: object | null;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'ended_at', nullable: true })
  endedAt!: Date | null;
}

/** Who did what to what, when, and what came of it. */
@Entity({ schema: 'coordination', name: 'audit' })
export class AuditRow {
  @PrimaryColumn({ type: 'bigint', generated: 'identity' })
  id!: string;

  @Column({ type: 'timestamptz' })
  at!: Date;

  @Column({ type: 'text' })
  principal!: string;

  @Column({ type: 'text' })
  action!: string;

  @Column({ type: 'text' })
  subject!: string;

  @Column({ type: 'text' })
  result!: string;

  @Column({ type: 'jsonb' })
  detail!: object;
}
