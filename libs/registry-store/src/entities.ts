import type { SchemaReference } from '@truc/registry';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A schema under its id. A row stays when the last version that used it is deleted for good, so that an id never comes to mean another schema. */
@Entity({ schema: 'registry', name: 'schema' })
export class SchemaRow {
  @PrimaryColumn({ type: 'integer' })
  id!: number;

  /** SHA-256 over the normalised text and the references; unique. */
  @Column({ type: 'text' })
  fingerprint!: string;

  /** As it was sent by whoever registered it first. */
  @Column({ type: 'text' })
  text!: string;

  /** With everything that it refers to inside. */
  @Column({ type: 'text' })
  normalised!: string;

  @Column({ type: 'jsonb' })
  references!: SchemaReference[];
}

@Entity({ schema: 'registry', name: 'subject_version' })
export class SubjectVersionRow {
  @PrimaryColumn({ type: 'text' })
  subject!: string;

  @PrimaryColumn({ type: 'integer' })
  version!: number;

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

/** Level and mode of a subject; under the empty name those of all. */
@Entity({ schema: 'registry', name: 'subject_settings' })
export class SubjectSettingsRow {
  @PrimaryColumn({ type: 'text' })
  subject!: string;

  @Column({ type: 'text', nullable: true })
  level!: string | null;

  @Column({ type: 'text', nullable: true })
  mode!: string | null;
}
