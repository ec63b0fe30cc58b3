/**
 * What the policy topics carry: the compiled form of what was applied. Parsed with these schemas wherever it is read, so that a data plane never sees half a policy.
 *
 * Keys are `<kind>/<name>`; values are JSON of one of the shapes below; a tombstone withdraws the entry.
 */
import { contractPolicy, viewPolicy } from '@truc/contracts';
import { fieldPolicy, publisherScope, ruleChoices } from '@truc/dictionary';
import { tablePolicy } from '@truc/mapping';
import { z } from 'zod';

const nonEmpty = z.string().min(1);
const bilingual = z.strictObject({ vi: nonEmpty, en: nonEmpty });

export const agencyPolicy = z.strictObject({ kind: z.literal('agency'), code: nonEmpty, name: bilingual });

/** Digest of what a part of releases holds: the first 128 bits of SHA-256, in hexadecimal. */
const partDigest = z.string().regex(/^[0-9a-f]{32}$/, 'not a digest');

/**
 * Manifest of a dictionary release. What it is made of follows in entries of their own, so that no message is large, under what they hold, so that releases share what does not differ between them.
 * Published after its parts; a release of which a part is missing is not used.
 */
export const dictionaryPolicy = z.strictObject({
  kind: z.literal('dictionary'),
  release: z.int().positive(),
  /** Digests of `definitions` entries, in order. */
  elements: z.array(partDigest),
  valueDomains: z.array(partDigest),
  /** Every code list with the digests of its `codelist` entries, in order; none of an empty list. */
  codeLists: z.array(z.strictObject({ id: nonEmpty, open: z.boolean(), parts: z.array(partDigest) })),
});
export type DictionaryManifest = z.infer<typeof dictionaryPolicy>;

/** Some elements or value domains in the shape of schemas/dictionary (libs/dictionary parses them). Key `definitions/<digest>`. */
export const definitionsPolicy = z.strictObject({
  kind: z.literal('definitions'),
  digest: partDigest,
  definitions: z.array(z.unknown()),
});
/** Some entries of a code list. Key `codelist/<id>/<digest>`. */
export const codeListPolicy = z.strictObject({
  kind: z.literal('codelist'),
  id: nonEmpty,
  digest: partDigest,
  /** Code, first day, last day or null; then, where they are there, the code that took its place and the unit that it is a part of. */
  entries: z.array(z.tuple([nonEmpty, z.string(), z.string().nullable(), nonEmpty.nullable().optional(), nonEmpty.optional()])),
});

export const datasetPolicy = z.strictObject({
  kind: z.literal('dataset'),
  /** `population.resident`. */
  name: nonEmpty,
  generation: z.int().positive(),
  agency: nonEmpty,
  title: bilingual,
  topic: nonEmpty,
  quarantineTopic: nonEmpty,
  partitions: z.int().positive(),
  /** Scheme of the master-data key: the local name of the code element's value domain, e.g. `personal-id`. */
  scheme: nonEmpty,
  codeElement: nonEmpty,
  codeField: nonEmpty,
  /** True where the source row's key is the code itself: `row` is then empty in every key. */
  keyIsCode: z.boolean(),
  /** Codes of other schemes that a row may have instead, where a discriminator decides which. */
  otherCodes: z
    .array(z.strictObject({ field: nonEmpty, element: nonEmpty, scheme: nonEmpty }))
    .min(1)
    .optional(),
  fields: z.array(fieldPolicy).min(1),
  /** What becomes of a row that breaks a value rule, where the dataset does not leave it at the default. */
  rules: ruleChoices.optional(),
  /** Where its publisher's authority ends (V7); absent where the agency has no bounds. */
  scope: publisherScope.optional(),
  /** True where no two live rows may have one code (V9). */
  oneRowPerCode: z.boolean().optional(),
  release: z.int().positive(),
  /** The value schema (envelope) as Avro JSON text; registered under `<topic>-value`. */
  valueSchema: nonEmpty,
});
export type DatasetPolicy = z.infer<typeof datasetPolicy>;

export const sourcePolicy = z.strictObject({
  kind: z.literal('source'),
  /** `<agency slug>.<database>`: the sourceId of every event. */
  sourceId: nonEmpty,
  agency: nonEmpty,
  database: nonEmpty,
  /** Bytes of its log that the source may be made to keep for datasets that are stopped; absent where its document does not say. */
  heldLogBytesMax: z.int().positive().optional(),
  tables: z.array(tablePolicy).min(1),
});
export type SourcePolicy = z.infer<typeof sourcePolicy>;

/** The key that signs the platform's tokens, as a JWK (Ed25519, public part). */
export const tokenKeyPolicy = z.strictObject({ kind: z.literal('token-key'), keyId: nonEmpty, jwk: z.looseObject({ kty: nonEmpty }) });

/**
 * Somebody who may come in over HTTP: what the registry holds a token against, so that one whose principal was removed is worth nothing. Stands in a topic of its own,
 * which agencies do not read: the name can be a person's.
 */
export const principalPolicy = z.strictObject({
  kind: z.literal('principal'),
  name: nonEmpty,
  agency: nonEmpty.nullable(),
  role: nonEmpty,
  /** Seconds since 1970: a token from before it is of a predecessor under that name. */
  sinceSeconds: z.int().nonnegative(),
});
export type PrincipalPolicy = z.infer<typeof principalPolicy>;

/**
 * The platform's sign of life: at that moment its store could be reached and everything in it was published, so that the age of a policy can be told from the policy. Written
 * again and again; a reader is not told of it as of a change.
 */
export const heartbeatPolicy = z.strictObject({
  kind: z.literal('heartbeat'),
  /** Milliseconds since 1970 by the platform's clock. */
  atMs: z.int().nonnegative(),
});
export type HeartbeatPolicy = z.infer<typeof heartbeatPolicy>;

export const policyEntry = z.discriminatedUnion('kind', [
  agencyPolicy,
  dictionaryPolicy,
  definitionsPolicy,
  codeListPolicy,
  datasetPolicy,
  sourcePolicy,
  viewPolicy,
  contractPolicy,
  tokenKeyPolicy,
  principalPolicy,
  heartbeatPolicy,
]);
export type PolicyEntry = z.infer<typeof policyEntry>;

/** The key under which an entry stands in its topic. */
export function policyKey(entry: PolicyEntry): string {
  switch (entry.kind) {
    case 'agency':
      return `agency/${entry.code}`;
    case 'dictionary':
      return `dictionary/${entry.release}`;
    case 'codelist':
      return codeListPartKey(entry.id, entry.digest);
    case 'definitions':
      return definitionsKey(entry.digest);
    case 'dataset':
      return `dataset/${entry.name}.v${entry.generation}`;
    case 'source':
      return `source/${entry.sourceId}`;
    case 'view':
      return `view/${entry.id}`;
    case 'contract':
      return `contract/${entry.name}`;
    case 'token-key':
      return `token-key/${entry.keyId}`;
    case 'principal':
      return `principal/${entry.name}`;
    case 'heartbeat':
      return 'heartbeat/platform';
  }
}

export function codeListPartKey(id: string, digest: string): string {
  return `codelist/${id}/${digest}`;
}

export function definitionsKey(digest: string): string {
  return `definitions/${digest}`;
}
