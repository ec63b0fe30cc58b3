import { compatibilityLevels, type CompatibilityLevel } from '@truc/avro';
import { schemaHint } from '@truc/dictionary';
import { z } from 'zod';
import type { Language } from '@truc/kernel';
import { plainText } from './plain-text.js';
import { boundedMetadata, metadataAnswer, metadataShape, type Metadata } from './metadata.js';
import { RegistryRefusal, refusedByRules } from './refusal.js';
import { checkRuleSet, ruleSetAnswer, ruleSetShape, type RuleSet } from './rule-set.js';
import { besideSubject, subjectParts } from './subject.js';

export const compatibilityPolicies = ['LOGICAL', 'STRICT', 'LENIENT'] as const;

/** What was set for one subject, for a context or for all; what is null was not. */
export interface SubjectConfig {
  /** Another subject that this name stands for. */
  readonly alias: string | null;
  readonly aliasForDeks: string | null;
  /** Whether schemas are kept in one spelling. */
  readonly normalize: boolean | null;
  /** Whether fields that the metadata reserve are kept free. */
  readonly validateFields: boolean | null;
  readonly validateNewSchemas: boolean | null;
  readonly validateRules: boolean | null;
  readonly compatibilityLevel: CompatibilityLevel | null;
  /** Kept for clients; Avro's rules are the same under each of them. */
  readonly compatibilityPolicy: (typeof compatibilityPolicies)[number] | null;
  /** A property of the metadata: only versions with the same value are compared. */
  readonly compatibilityGroup: string | null;
  /** What every new version has besides its own, and (override) instead of its own. */
  readonly defaultMetadata: Metadata | null;
  readonly overrideMetadata: Metadata | null;
  readonly defaultRuleSet: RuleSet | null;
  readonly overrideRuleSet: RuleSet | null;
}

export const noConfig: SubjectConfig = {
  alias: null,
  aliasForDeks: null,
  normalize: null,
  validateFields: null,
  validateNewSchemas: null,
  validateRules: null,
  compatibilityLevel: null,
  compatibilityPolicy: null,
  compatibilityGroup: null,
  defaultMetadata: null,
  overrideMetadata: null,
  defaultRuleSet: null,
  overrideRuleSet: null,
};

export const defaultLevel: CompatibilityLevel = 'BACKWARD';
/** Rule D11: the level of `data.*` and `view.*`, whatever is set. */
export const protectedLevel: CompatibilityLevel = 'FULL_TRANSITIVE';

const text = plainText.max(1_000).nullish();
const flag = z.boolean().nullish();

/** What a client changes: what it does not name stays, what it names as null is taken back. */
export const configChangeShape = z.object({
  alias: text,
  aliasForDeks: text,
  normalize: flag,
  validateFields: flag,
  validateNewSchemas: flag,
  validateRules: flag,
  compatibility: text,
  compatibilityPolicy: text,
  compatibilityGroup: text,
  defaultMetadata: metadataShape.nullish(),
  overrideMetadata: metadataShape.nullish(),
  defaultRuleSet: ruleSetShape.nullish(),
  overrideRuleSet: ruleSetShape.nullish(),
});
export type ConfigChange = z.infer<typeof configChangeShape>;

/**
 * Settings of a subject, a context or (null) of all after a change. Those of all never reach the level of protected subjects, so they may be anything.
 * @param before null where nothing was set
 * @throws RegistryRefusal invalidLevel, invalidRuleSet, operationNotPermitted; invalidSchema with a violation of D11, or for more metadata than may be
 */
export function planConfig(
  subject: string | null,
  before: SubjectConfig | null,
  change: ConfigChange,
  language: Language = 'en',
): SubjectConfig {
  const { compatibility, compatibilityPolicy, defaultRuleSet, overrideRuleSet, ...others } = change;
  const compatibilityLevel = knownLevel(compatibility);
  const changed = {
    ...others,
    compatibilityLevel,
    compatibilityPolicy:
      compatibilityPolicy === undefined
        ? undefined
        : (compatibilityPolicies.find((each) => each === compatibilityPolicy?.toUpperCase()) ?? null),
    defaultRuleSet: defaultRuleSet ? checkRuleSet(defaultRuleSet) : defaultRuleSet,
    overrideRuleSet: overrideRuleSet ? checkRuleSet(overrideRuleSet) : overrideRuleSet,
  };
  for (const metadata of [changed.defaultMetadata, changed.overrideMetadata]) if (metadata) boundedMetadata(metadata);
  const named = Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== undefined));
  if (subject !== null && subjectParts(subject).isProtected) checkProtected(subject, changed, language);
  if (subject !== null && changed.alias && subjectParts(besideSubject(subject, changed.alias)).isProtected) {
    throw new RegistryRefusal('operationNotPermitted', `${changed.alias} belongs to the dictionary: no other subject stands for it`);
  }
  return { ...noConfig, ...before, ...named };
}

function knownLevel(asked: string | null | undefined): CompatibilityLevel | null | undefined {
  if (asked === undefined || asked === null) return asked;
  const known = compatibilityLevels.find((candidate) => candidate === asked.toUpperCase());
  if (known !== undefined) return known;
  throw new RegistryRefusal('invalidLevel', `Invalid compatibility level. Valid values are ${compatibilityLevels.join(', ')}`);
}

/** An alias would lead around the rules, a group around the versions that a new one is compared with. */
function checkProtected(
  subject: string,
  { alias, compatibilityGroup, compatibilityLevel }: { alias?: unknown; compatibilityGroup?: unknown; compatibilityLevel?: unknown },
  language: Language,
): void {
  if (compatibilityLevel !== undefined && compatibilityLevel !== null && compatibilityLevel !== protectedLevel) {
    const violation = {
      rule: 'D11',
      path: '$',
      element: null,
      expected: protectedLevel,
      found: String(compatibilityLevel),
      hint: schemaHint('level', language),
    };
    throw refusedByRules(subject, [violation], language);
  }
  const refused = alias ? 'an alias' : compatibilityGroup ? 'a compatibility group' : null;
  if (refused === null) return;
  throw new RegistryRefusal('operationNotPermitted', `${subject} belongs to the dictionary: it cannot have ${refused}`);
}

/** In the shape of answers, where the level is `compatibilityLevel`; what was not set is left out. */
export function configAnswer(config: SubjectConfig): Record<string, unknown> {
  const { defaultMetadata, overrideMetadata, defaultRuleSet, overrideRuleSet, ...plain } = config;
  const told = {
    ...plain,
    defaultMetadata: defaultMetadata === null ? null : metadataAnswer(defaultMetadata),
    overrideMetadata: overrideMetadata === null ? null : metadataAnswer(overrideMetadata),
    defaultRuleSet: defaultRuleSet === null ? null : ruleSetAnswer(defaultRuleSet),
    overrideRuleSet: overrideRuleSet === null ? null : ruleSetAnswer(overrideRuleSet),
  };
  return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== null && value !== ''));
}
