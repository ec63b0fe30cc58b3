import type { Metadata, RuleSet, SchemaReference } from '@truc/registry';

/** A version as clients see it. */
export interface CataloguedVersion {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  readonly guid: string;
  readonly schema: string;
  readonly references: readonly SchemaReference[];
  readonly metadata: Metadata | null;
  readonly ruleSet: RuleSet | null;
  readonly isDeleted: boolean;
  /** Milliseconds since 1970. */
  readonly registeredAtMs: number;
}

/** Of `registry.subject_version v` joined with `registry.schema s`. */
export const versionColumns = `v.subject, v.version, s.id, s.guid, s.text, s."references", s.metadata, s.rule_set, v.is_deleted, v.registered_at`;
export const versionTables = `registry.subject_version v JOIN registry.schema s ON s.context = v.context AND s.id = v.schema_id`;

export interface VersionRow {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  readonly guid: string;
  readonly text: string;
  readonly references: SchemaReference[];
  readonly metadata: Metadata | null;
  readonly rule_set: RuleSet | null;
  readonly is_deleted: boolean;
  readonly registered_at: Date;
}

export function cataloguedVersion(row: VersionRow): CataloguedVersion {
  const { subject, version, id, guid, text, references, metadata, rule_set, is_deleted, registered_at } = row;
  const times = { isDeleted: is_deleted, registeredAtMs: registered_at.getTime() };
  return { subject, version, id, guid, schema: text, references, metadata, ruleSet: rule_set, ...times };
}
