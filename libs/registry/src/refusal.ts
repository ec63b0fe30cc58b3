import type { AvroReading } from '@truc/avro';
import { limitViolations } from '@truc/dictionary';
import { type Language, TrucError } from '@truc/kernel';

/** One way in which a schema breaks a rule of the dictionary. */
export interface Violation {
  /** `D1` to `D12`. */
  readonly rule: string;
  /** Where in the schema: `after.fullName`, or `$` for the whole of it. */
  readonly path: string;
  /** URN of the element, where there is one. */
  readonly element: string | null;
  readonly expected: string;
  readonly found: string;
  readonly hint: string;
}

/** Error codes of Confluent's registry that we answer with, by name. The HTTP status is the code's first three digits. */
export const refusalCodes = {
  badRequest: 400,
  unauthorised: 40101,
  denied: 40301,
  notFound: 404,
  subjectNotFound: 40401,
  versionNotFound: 40402,
  schemaNotFound: 40403,
  subjectSoftDeleted: 40404,
  subjectNotSoftDeleted: 40405,
  versionSoftDeleted: 40406,
  versionNotSoftDeleted: 40407,
  levelNotConfigured: 40408,
  modeNotConfigured: 40409,
  methodNotAllowed: 405,
  notAcceptable: 406,
  incompatible: 409,
  bodyTooLarge: 413,
  unsupportedMediaType: 415,
  bodyMissing: 422,
  invalidSchema: 42201,
  invalidVersion: 42202,
  invalidLevel: 42203,
  invalidMode: 42204,
  operationNotPermitted: 42205,
  referenceExists: 42206,
  invalidSubject: 42208,
  invalidRuleSet: 42210,
  contextNotEmpty: 42211,
  storeFailed: 50001,
  storeUnavailable: 50301,
  dictionaryNotLoaded: 50302,
} as const;
export type RefusalName = keyof typeof refusalCodes;

/** The same request may succeed later. */
const retried: readonly RefusalName[] = ['dictionaryNotLoaded', 'storeFailed', 'storeUnavailable'];

/**
 * An answer that is no success, with the code that clients of Confluent's registry know. `code` is `REGISTRY_` and the name in capitals; `retry` where the same request may succeed later.
 */
export class RegistryRefusal extends TrucError {
  readonly reason: RefusalName;
  /** Reasons of rules D; only with `invalidSchema`. */
  readonly violations: readonly Violation[];
  /** Reasons of an incompatible schema. */
  readonly messages: readonly string[];

  constructor(
    reason: RefusalName,
    message: string,
    {
      violations = [],
      messages = [],
      cause,
    }: { readonly violations?: readonly Violation[]; readonly messages?: readonly string[]; readonly cause?: unknown } = {},
  ) {
    const code = `REGISTRY_${reason.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
    super(code, message, { retry: retried.includes(reason), cause });
    this.name = 'RegistryRefusal';
    this.reason = reason;
    this.violations = violations;
    this.messages = messages;
  }

  get errorCode(): number {
    return refusalCodes[this.reason];
  }

  get httpStatus(): number {
    return Number(String(this.errorCode).slice(0, 3));
  }
}

/** The refusal of a schema that breaks rules of the dictionary: the message tells the first, `violations` all of them. */
export function refusedByRules(subject: string, violations: readonly Violation[], language: Language = 'en'): RegistryRefusal {
  return new RegistryRefusal('invalidSchema', sentenceOf(subject, violations, language), { violations });
}

/** The refusal of a schema beyond the limits (rule D12), with what could be read of it, so that whoever knows the subject can tell everything else as well. */
export class BeyondLimits extends RegistryRefusal {
  readonly reading: AvroReading;

  constructor(subject: string, reading: AvroReading, language: Language) {
    const violations = limitViolations(reading.limits, language);
    super('invalidSchema', sentenceOf(subject, violations, language), { violations });
    this.reading = reading;
  }
}

function sentenceOf(subject: string, violations: readonly Violation[], language: Language): string {
  const [first] = violations;
  const { length } = violations;
  if (language === 'vi') {
    const told = first === undefined ? '' : ` ${first.rule} tại ${first.path}: yêu cầu ${first.expected}, thực tế ${first.found}.`;
    return `${subject} vi phạm ${length} quy tắc của từ điển.${told}${length > 1 ? ` Còn ${length - 1} vi phạm khác.` : ''}`;
  }
  const told = first === undefined ? '' : ` ${first.rule} at ${first.path}: expected ${first.expected}, found ${first.found}.`;
  return `${subject} breaks ${length} of the dictionary's rules.${told}${length > 1 ? ` And ${length - 1} more.` : ''}`;
}
