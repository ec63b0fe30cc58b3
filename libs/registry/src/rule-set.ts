import { z } from 'zod';
import { plainText } from './plain-text.js';
import { RegistryRefusal } from './refusal.js';

/** Rules that clients run when they write, read or migrate data. The registry keeps them and runs none. */
export interface SchemaRule {
  readonly name: string;
  readonly doc: string | null;
  readonly kind: 'TRANSFORM' | 'CONDITION';
  readonly mode: (typeof ruleModes)[number];
  readonly type: string;
  readonly tags: readonly string[];
  readonly params: Readonly<Record<string, string>>;
  readonly expr: string | null;
  readonly onSuccess: string | null;
  readonly onFailure: string | null;
  readonly disabled: boolean;
}

export interface RuleSet {
  readonly migrationRules: readonly SchemaRule[];
  readonly domainRules: readonly SchemaRule[];
  readonly encodingRules: readonly SchemaRule[];
  readonly enableAt: string | null;
}

const ruleModes = ['UPGRADE', 'DOWNGRADE', 'UPDOWN', 'WRITE', 'READ', 'WRITEREAD'] as const;
const migrationModes: readonly string[] = ['UPGRADE', 'DOWNGRADE', 'UPDOWN'];
const nameCharsMax = 256;
/** Most rules of one group. */
const rulesMax = 256;
/** Most tags, and most parameters, of one rule. */
const tagsMax = 100;
const paramsMax = 256;
/** Most bytes of all that is told of the rules of one schema: merging adds to what the version before has. */
const bytesMax = 256 * 1024;
const groups = ['migrationRules', 'domainRules', 'encodingRules'] as const;

const ruleShape = z
  .object({
    name: plainText.nullish(),
    doc: plainText.nullish(),
    kind: z.enum(['TRANSFORM', 'CONDITION']).nullish(),
    mode: z.enum(ruleModes).nullish(),
    type: plainText.nullish(),
    tags: z.array(plainText).nullish(),
    params: z.record(plainText, plainText).nullish(),
    expr: plainText.nullish(),
    onSuccess: plainText.nullish(),
    onFailure: plainText.nullish(),
    disabled: z.boolean().nullish(),
  })
  .transform((rule) => ({
    name: rule.name ?? null,
    doc: rule.doc ?? null,
    kind: rule.kind ?? ('TRANSFORM' as const),
    mode: rule.mode ?? ('WRITEREAD' as const),
    type: rule.type ?? null,
    tags: [...new Set(rule.tags ?? [])].sort(),
    params: orderedParams(rule.params ?? {}),
    expr: rule.expr ?? null,
    onSuccess: rule.onSuccess ?? null,
    onFailure: rule.onFailure ?? null,
    disabled: rule.disabled ?? false,
  }));
type SentRule = z.infer<typeof ruleShape>;

/** Reads a rule set as clients send it; {@link checkRuleSet} says whether it is one. */
export const ruleSetShape = z
  .object({
    migrationRules: z.array(ruleShape).nullish(),
    domainRules: z.array(ruleShape).nullish(),
    encodingRules: z.array(ruleShape).nullish(),
    enableAt: plainText.nullish(),
  })
  .transform(({ migrationRules, domainRules, encodingRules, enableAt }) => ({
    migrationRules: migrationRules ?? [],
    domainRules: domainRules ?? [],
    encodingRules: encodingRules ?? [],
    enableAt: enableAt ?? null,
  }));
export type SentRuleSet = z.infer<typeof ruleSetShape>;

/** @throws RegistryRefusal invalidRuleSet */
export function checkRuleSet(sent: SentRuleSet): RuleSet {
  const names = new Set<string>();
  for (const group of groups) {
    for (const rule of sent[group]) {
      const problem = names.has(rule.name ?? '')
        ? `two rules have the name '${rule.name}'`
        : (ruleProblem(rule) ?? modeProblem(group, rule));
      if (problem !== null) throw invalidRuleSet(problem);
      names.add(rule.name ?? '');
    }
  }
  // Every rule has a name and a type by now.
  return boundedRuleSet(sent as RuleSet);
}

/** A rule set within its bounds, as it was sent or as merging made it. @throws RegistryRefusal invalidRuleSet */
export function boundedRuleSet(ruleSet: RuleSet): RuleSet {
  const problem = excess(ruleSet);
  if (problem !== null) throw invalidRuleSet(problem);
  return ruleSet;
}

function excess(ruleSet: RuleSet): string | null {
  for (const group of groups) {
    const rules = ruleSet[group];
    if (rules.length > rulesMax) return `${group} are ${rules.length}; there may be ${rulesMax}`;
    for (const { name, tags, params } of rules) {
      if (tags.length > tagsMax) return `the rule '${name}' has ${tags.length} tags; it may have ${tagsMax}`;
      const { length } = Object.keys(params);
      if (length > paramsMax) return `the rule '${name}' has ${length} parameters; it may have ${paramsMax}`;
    }
  }
  if ((ruleSet.enableAt?.length ?? 0) > nameCharsMax) return `enableAt has more than ${nameCharsMax} characters`;
  const bytes = Buffer.byteLength(JSON.stringify(ruleSet));
  return bytes > bytesMax ? `all rules together have ${bytes} bytes as JSON; they may have ${bytesMax}` : null;
}

function invalidRuleSet(problem: string): RegistryRefusal {
  return new RegistryRefusal('invalidRuleSet', `Invalid rule set: ${problem}`);
}

function ruleProblem({ name, type, mode, onSuccess, onFailure }: SentRule): string | null {
  if (name === null || name === '') return 'a rule has no name';
  if (name.length > nameCharsMax) return `the name of a rule has more than ${nameCharsMax} characters`;
  if (!/^[\p{L}_][\p{L}\p{Nd}_-]*$/u.test(name))
    return `'${name}' is no name of a rule: letters, digits, "_" and "-", a letter or "_" first`;
  if (type === null) return `the rule '${name}' has no type`;
  const hasTwo = [onSuccess, onFailure].some((action) => action?.includes(',') === true);
  return hasTwo && mode !== 'WRITEREAD' && mode !== 'UPDOWN' ? `the rule '${name}' has two actions and one direction (${mode})` : null;
}

function modeProblem(group: (typeof groups)[number], { name, mode }: SentRule): string | null {
  const isMigration = migrationModes.includes(mode);
  if (group === 'migrationRules') return isMigration ? null : `the migration rule '${name}' is UPGRADE, DOWNGRADE or UPDOWN, not ${mode}`;
  return isMigration ? `the rule '${name}' of ${group} is WRITE, READ or WRITEREAD, not ${mode}` : null;
}

/** Rules of `over` take the place of rules of the same name in `under`, and come last. */
export function mergeRuleSets(under: RuleSet | null, over: RuleSet | null): RuleSet | null {
  if (under === null || over === null) return over ?? under;
  const merged = (group: (typeof groups)[number]): readonly SchemaRule[] => {
    const replaced = new Set(over[group].map(({ name }) => name));
    return [...under[group].filter(({ name }) => !replaced.has(name)), ...over[group]];
  };
  return {
    migrationRules: merged('migrationRules'),
    domainRules: merged('domainRules'),
    encodingRules: merged('encodingRules'),
    enableAt: over.enableAt ?? under.enableAt,
  };
}

export function withoutRules(ruleSet: RuleSet, names: readonly string[]): RuleSet {
  const unwanted = new Set(names);
  const left = (rules: readonly SchemaRule[]): readonly SchemaRule[] => rules.filter(({ name }) => !unwanted.has(name));
  const { migrationRules, domainRules, encodingRules, enableAt } = ruleSet;
  return { migrationRules: left(migrationRules), domainRules: left(domainRules), encodingRules: left(encodingRules), enableAt };
}

/** In the shape of answers: what is empty is left out. */
export function ruleSetAnswer(ruleSet: RuleSet): object {
  const told = groups.flatMap((group) => (ruleSet[group].length === 0 ? [] : [[group, ruleSet[group].map(ruleAnswer)] as const]));
  return { ...Object.fromEntries(told), ...(ruleSet.enableAt === null ? {} : { enableAt: ruleSet.enableAt }) };
}

function ruleAnswer(rule: SchemaRule): object {
  const isTold = (value: unknown): boolean =>
    value !== null && !(Array.isArray(value) && value.length === 0) && !(typeof value === 'object' && Object.keys(value).length === 0);
  return Object.fromEntries(Object.entries(rule).filter(([, value]) => isTold(value)));
}

/** The same with its keys in the one order that it is hashed in. */
export function orderedRuleSet({ migrationRules, domainRules, encodingRules, enableAt }: RuleSet): RuleSet {
  const [migration, domain, encoding] = [migrationRules, domainRules, encodingRules].map((rules) => rules.map(orderedRule));
  return { migrationRules: migration ?? [], domainRules: domain ?? [], encodingRules: encoding ?? [], enableAt };
}

function orderedRule({ name, doc, kind, mode, type, tags, params, expr, onSuccess, onFailure, disabled }: SchemaRule): SchemaRule {
  return { name, doc, kind, mode, type, tags, params: orderedParams(params), expr, onSuccess, onFailure, disabled };
}

function orderedParams(params: SchemaRule['params']): Record<string, string> {
  return Object.fromEntries(Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Everything that is told of it, in order: what a GUID is made of. A rule that is disabled ends with a byte of one. */
export function ruleSetWords(ruleSet: RuleSet): string {
  const words = (rule: SchemaRule): string =>
    [
      rule.name,
      rule.doc,
      rule.kind,
      rule.mode,
      rule.type,
      ...rule.tags,
      ...Object.entries(orderedParams(rule.params)).flat(),
      rule.expr,
      rule.onSuccess,
      rule.onFailure,
    ]
      .map((word) => word ?? '')
      .join('') + (rule.disabled ? '\u0001' : '');
  return [...groups.flatMap((group) => ruleSet[group].map(words)), ruleSet.enableAt ?? ''].join('');
}
