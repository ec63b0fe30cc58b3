import { createHash } from 'node:crypto';
import { metadataAnswer, metadataShape, ruleSetAnswer, ruleSetShape, subjectName, type RuleSet } from '@truc/registry';
import { z } from 'zod';

/** What an export begins with: who reads it knows from the first line whether it can. */
export const exportFormat = 'truc-registry-export/1';

const int32 = z
  .int()
  .min(0)
  .max(2 ** 31 - 1);
const anything = z.record(z.string(), z.unknown());
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const headRecord = z.strictObject({
  kind: z.literal('export'),
  format: z.literal(exportFormat),
  /** Of the registry that was read. */
  url: z.string(),
  /** True where it is one of ours: its schemas were judged by the dictionary when they were registered. */
  ours: z.boolean(),
  /** ISO 8601, UTC. */
  madeAt: z.string(),
});

/** A context and the highest id that was ever given in it. */
const contextRecord = z.strictObject({ kind: z.literal('context'), context: z.string(), lastId: int32 });

const versionRecord = z.strictObject({
  kind: z.literal('version'),
  subject: z.string(),
  version: int32.min(1),
  id: int32.min(1),
  guid: z.string().nullable(),
  schemaType: z.string(),
  schema: z.string(),
  references: z.array(z.strictObject({ name: z.string(), subject: z.string(), version: z.int() })),
  metadata: anything.nullable(),
  ruleSet: anything.nullable(),
  deleted: z.boolean(),
});
export type VersionRecord = z.infer<typeof versionRecord>;

const settingsRecord = z.strictObject({
  kind: z.literal('settings'),
  name: z.string(),
  config: anything.nullable(),
  mode: z.string().nullable(),
});
export type SettingsRecord = z.infer<typeof settingsRecord>;

/** A version that the registry tells of and does not hand out. */
const withheldRecord = z.strictObject({ kind: z.literal('withheld'), subject: z.string(), version: int32, reason: z.string() });
export type WithheldRecord = z.infer<typeof withheldRecord>;

/** The last line: how many lines of each kind stand before it, and the SHA-256 over all their bytes. */
const endRecord = z.strictObject({
  kind: z.literal('end'),
  contexts: z.int(),
  versions: z.int(),
  settings: z.int(),
  withheld: z.int(),
  sha256,
});

/** Lines of an export, in this order: the head, contexts, versions by their ids, settings, what was withheld, the end. */
export const exportRecord = z.discriminatedUnion('kind', [
  headRecord,
  contextRecord,
  versionRecord,
  settingsRecord,
  withheldRecord,
  endRecord,
]);
export type ExportRecord = z.infer<typeof exportRecord>;
export type ExportHead = z.infer<typeof headRecord>;
export type ContextRecord = z.infer<typeof contextRecord>;

/** Longest line: a schema of 64 KiB, which a foreign registry may have ten times as long, and all that is told of it. */
export const lineBytesMax = 4 * 1024 * 1024;

/** The order of versions in an export: by context and id, so that what a schema refers to mostly stands before it. */
export function compareVersions(
  a: Pick<VersionRecord, 'subject' | 'version' | 'id'>,
  b: Pick<VersionRecord, 'subject' | 'version' | 'id'>,
) {
  return (
    order(subjectName(a.subject).context, subjectName(b.subject).context) ||
    a.id - b.id ||
    order(a.subject, b.subject) ||
    a.version - b.version
  );
}

type Content = Pick<VersionRecord, 'schemaType' | 'schema'> & {
  readonly references: readonly VersionRecord['references'][number][];
  readonly metadata: Readonly<Record<string, unknown>> | null;
  readonly ruleSet: Readonly<Record<string, unknown>> | null;
};

/** What a version says, as SHA-256: everything but where it stands. Metadata and rules count by what they mean, since registries write them in orders of their own. */
export function contentDigest(content: Content): string {
  const { schemaType, schema, references } = content;
  const said = [schemaType, schema, references.map(({ name, subject, version }) => [name, subject, version]), ...surroundingsOf(content)];
  return createHash('sha256').update(JSON.stringify(said)).digest('base64url');
}

/** Metadata and rules in the one form in which equal ones are equal. */
function surroundingsOf({ metadata, ruleSet }: Pick<Content, 'metadata' | 'ruleSet'>): readonly [unknown, unknown] {
  const [readMetadata, readRules] = [metadataShape.safeParse(metadata), ruleSetShape.safeParse(ruleSet)];
  return [
    metadata === null ? null : inOrder(readMetadata.success ? metadataAnswer(readMetadata.data) : metadata),
    // Only its form is asked for: the registry says whether it takes the rules.
    ruleSet === null ? null : inOrder(readRules.success ? ruleSetAnswer(readRules.data as RuleSet) : ruleSet),
  ];
}

/** Settings in one form: what says nothing is left out, keys stand in order. */
export function settingsWords(config: Readonly<Record<string, unknown>> | null): string {
  if (config === null) return 'null';
  const told = Object.entries(config).filter(([, value]) => value !== null && value !== '');
  return JSON.stringify(inOrder(Object.fromEntries(told)));
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== null);
  return Object.fromEntries(entries.sort(([a], [b]) => order(a, b)).map(([key, each]) => [key, inOrder(each)]));
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
