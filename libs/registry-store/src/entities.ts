import type { Metadata, RuleSet, SchemaReference, SubjectConfig } from '@truc/registry';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A context with ids of its own. Its row stays when it is deleted, so that none of its ids comes to mean another schema. */
@Entity({ schema: 'registry', name: 'context' })
export class ContextRow {
  /** With its dot. */
  @PrimaryColumn({ type: 'text' })
  name!: string;

  /** The highest id that was ever given. */
  @Column({ type: 'integer', name: 'last_id' })
  lastId!: number;

  @Column({ type: 'boolean', name: 'is_listed' })
  isListed!: boolean;

  /** Whether a schema was ever registered in it otherwise than by restoring a lost registry. */
  @Column({ type: 'boolean', name: 'is_used' })
  isUsed!: boolean;
}

/** A schema under its id. A row stays when the last version that used it is deleted for good, so that an id never comes to mean another schema. */
@Entity({ schema: 'registry', name: 'schema' })
export class SchemaRow {
  @PrimaryColumn({ type: 'text' })
  context!: string;

  @PrimaryColumn({ type: 'integer' })
  id!: number;

  /** SHA-256 over the normalised text, the references, metadata and rules. */
  @Column({ type: 'text' })
  fingerprint!: string;

  /** SHA-256 over the normalised text alone. */
  @Column({ type: 'text' })
  shape!: string;

  @Column({ type: 'uuid' })
  guid!: string;

  /** As it is handed out. */
  @Column({ type: 'text' })
  text!: string;

  /** With everything that it refers to inside. */
  @Column({ type: 'text' })
  normalised!: string;

  @Column({ type: 'jsonb' })
  references!: SchemaReference[];

  @Column({ type: 'jsonb', nullable: true })
  metadata!: Metadata | null;

  @Column({ type: 'jsonb', name: 'rule_set', nullable: true })
  ruleSet!: RuleSet | null;
}

/** What a schema refers to: a version by its subject's full name. */
@Entity({ schema: 'registry', name: 'schema_reference' })
export class SchemaReferenceRow {
  @PrimaryColumn({ type: 'text' })
  context!: string;

  @PrimaryColumn({ type: 'integer', name: 'schema_id' })
  schemaId!: number;

  @PrimaryColumn({ type: 'text' })
  subject!: string;

  @PrimaryColumn({ type: 'integer' })
  version!: number;
}

@Entity({ schema: 'registry', name: 'subject_version' })
export class SubjectVersionRow {
  /** Full name: with its context, unless it is the default one. */
  @PrimaryColumn({ type: 'text' })
  subject!: string;

  @PrimaryColumn({ type: 'integer' })
  version!: number;

  @Column({ type: 'text' })
  context!: string;

  /** Without its context. */
  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'integer', name: 'schema_id' })
  schemaId!: number;

  /** Deleted softly: hidden, and still there by its id. */
  @Column({ type: 'boolean', name: 'is_deleted' })
  isDeleted!: boolean;

  @Column({ type: 'text', name: 'registered_by' })
  registeredBy!: string;

  @Column({ type: 'timestamptz', name: 'registered_at' })
  registeredAt!: Date;
}

/** Settings of a subject or of a context; under the empty name those of all. */
@Entity({ schema: 'registry', name: 'subject_settings' })
export class SubjectSettingsRow {
  @PrimaryColumn({ type: 'text' })
  subject!: string;

  @Column({ type: 'jsonb', nullable: true })
  config!: SubjectConfig | null;

  @Column({ type: 'text', nullable: true })
  mode!: string | null;
}
