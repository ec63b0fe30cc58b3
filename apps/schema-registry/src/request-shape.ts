import type { Language } from '@truc/kernel';
import {
  boundedMetadata,
  checkRuleSet,
  configChangeShape,
  metadataShape,
  plainText,
  referencesMax,
  RegistryRefusal,
  ruleSetShape,
  schemaTagsShape,
  type ConfigChange,
  type Metadata,
  type RuleSet,
  type SentSchema,
  type TagChange,
} from '@truc/registry';
import { z } from 'zod';

const int32 = z
  .int()
  .min(-(2 ** 31))
  .max(2 ** 31 - 1);

/** Body of a registration, a look-up and a compatibility check. */
export const schemaBody = z.object({
  schema: z.string().nullish(),
  schemaType: z.string().nullish(),
  references: z
    .array(z.object({ name: plainText, subject: plainText, version: int32 }))
    .max(referencesMax)
    .nullish(),
  metadata: metadataShape.nullish(),
  ruleSet: ruleSetShape.nullish(),
  id: int32.nullish(),
  version: int32.nullish(),
  schemaTagsToAdd: schemaTagsShape.nullish(),
  schemaTagsToRemove: schemaTagsShape.nullish(),
  propagateSchemaTags: z.boolean().nullish(),
});

/** Body of a change of tags. */
const tagsBody = z.object({
  newVersion: int32.nullish(),
  tagsToAdd: schemaTagsShape.nullish(),
  tagsToRemove: schemaTagsShape.nullish(),
  metadata: metadataShape.nullish(),
  ruleSet: ruleSetShape.nullish(),
  rulesToMerge: ruleSetShape.nullish(),
  rulesToRemove: z.array(plainText).max(1_000).nullish(),
});

export interface AskedSchema extends SentSchema {
  readonly id: number | null;
  readonly version: number | 'latest' | null;
  readonly tags: TagChange & { readonly propagate: boolean };
}

/**
 * What a caller asks for, in the shape of the store. A negative id means none, as with Confluent; version 0 too, and -1 the latest.
 * @throws RegistryRefusal bodyMissing, badRequest, invalidSchema, invalidRuleSet
 */
export function parseSchemaBody(body: unknown): AskedSchema {
  const { schema, schemaType, references, metadata, ruleSet, id, version, ...tags } = parsed(schemaBody, body);
  if (schemaType !== null && schemaType !== undefined && schemaType !== 'AVRO') throw otherType(schemaType);
  return {
    text: schema ?? '',
    references: references ?? [],
    metadata: metadata ? boundedMetadata(metadata) : null,
    ruleSet: ruleSet ? checkRuleSet(ruleSet) : null,
    id: typeof id === 'number' && id >= 0 ? id : null,
    version: typeof version !== 'number' || version === 0 ? null : version < 0 ? 'latest' : version,
    tags: {
      add: tags.schemaTagsToAdd ?? [],
      remove: tags.schemaTagsToRemove ?? [],
      propagate: tags.propagateSchemaTags === true,
    },
  };
}

export interface AskedTags {
  readonly newVersion: number | null;
  readonly tags: TagChange;
  /** Null: that of the version. */
  readonly metadata: Metadata | null;
  readonly ruleSet: RuleSet | null;
  readonly rulesToMerge: RuleSet | null;
  readonly rulesToRemove: readonly string[];
}

/** @throws RegistryRefusal bodyMissing, badRequest, invalidSchema, invalidRuleSet */
export function parseTagsBody(body: unknown): AskedTags {
  const { newVersion, tagsToAdd, tagsToRemove, metadata, ruleSet, rulesToMerge, rulesToRemove } = parsed(tagsBody, body);
  if (ruleSet && (rulesToMerge || rulesToRemove)) {
    throw new RegistryRefusal(
      'invalidRuleSet',
      'Invalid rule set: ruleSet takes the place of all rules, so nothing is merged or removed beside it',
    );
  }
  return {
    newVersion: typeof newVersion === 'number' && newVersion > 0 ? newVersion : null,
    tags: { add: tagsToAdd ?? [], remove: tagsToRemove ?? [] },
    metadata: metadata ? boundedMetadata(metadata) : null,
    ruleSet: ruleSet ? checkRuleSet(ruleSet) : null,
    rulesToMerge: rulesToMerge ? checkRuleSet(rulesToMerge) : null,
    rulesToRemove: rulesToRemove ?? [],
  };
}

function otherType(schemaType: string): RegistryRefusal {
  const why = ['JSON', 'PROTOBUF'].includes(schemaType)
    ? 'this registry keeps Avro only, because everything on the backbone is Avro and the dictionary judges nothing else; write the schema as Avro'
    : 'there is AVRO';
  return new RegistryRefusal('invalidSchema', `Invalid schema type ${schemaType.slice(0, 40)}: ${why}`);
}

/** @throws RegistryRefusal bodyMissing, badRequest */
export function parseConfigBody(body: unknown): ConfigChange {
  return parsed(configChangeShape, body);
}

/** The mode that a body names; null takes back what was set. @throws RegistryRefusal bodyMissing, badRequest */
export function parseModeBody(body: unknown): string | null | undefined {
  return parsed(z.object({ mode: z.string().nullish() }), body).mode;
}

export function parsed<T>(shape: z.ZodType<T>, body: unknown): T {
  if (body === undefined || body === null) throw new RegistryRefusal('bodyMissing', 'The request has no body');
  const found = shape.safeParse(body);
  if (found.success) return found.data;
  throw new RegistryRefusal('badRequest', `The body is not of the form that is asked for: ${z.prettifyError(found.error).slice(0, 1_000)}`);
}

/** The language that a caller would rather read, by `Accept-Language`; English where neither is named, and where both are as welcome. */
export function speechOf(header: unknown): Language {
  const weights = { vi: 0, en: 0 };
  for (const range of typeof header === 'string' ? header.slice(0, 400).split(',') : []) {
    const [, language, weight = '1'] = /^\s*(vi|en)(?:-[a-z0-9-]+)?\s*(?:;\s*q=([0-9.]+))?\s*$/i.exec(range) ?? [];
    if (language !== undefined) weights[language.toLowerCase() as Language] = Number(weight);
  }
  return weights.vi > weights.en ? 'vi' : 'en';
}
