import type { RuleNotEvaluated, SchemaRule, SchemaViolation } from '@truc/dictionary';
import type { Language } from '@truc/kernel';
import type { TextPlace } from './json-places.js';

/** A violation at its place in a file. */
export interface PlacedViolation extends SchemaViolation, TextPlace {
  readonly file: string;
}

/** Why a schema and an earlier version cannot both read each other's data. */
export interface Incompatibility extends TextPlace {
  readonly file: string;
  /** JSON path into the schema. */
  readonly path: string;
  readonly message: string;
}

/** A file that holds no schema that could be judged. */
export interface UnreadableFile extends TextPlace {
  readonly file: string;
  readonly code: string;
  readonly message: string;
}

/** What a check of schemas found: the same in every format. */
export interface SchemaReport {
  /** Number of the dictionary's release that judged. */
  readonly release: number;
  /** Null where the files were judged as new subjects of no name. */
  readonly subject: string | null;
  readonly files: readonly string[];
  readonly violations: readonly PlacedViolation[];
  readonly warnings: readonly PlacedViolation[];
  readonly incompatibilities: readonly Incompatibility[];
  readonly notEvaluated: readonly RuleNotEvaluated[];
  readonly errors: readonly UnreadableFile[];
}

/** The report for programs: `notEvaluated` names the rules, `needs` says what each of them would need. */
export function reportValue({ notEvaluated, errors, ...report }: SchemaReport): object {
  const needs: Partial<Record<SchemaRule, string>> = {};
  for (const { rule, needs: what } of notEvaluated) needs[rule] = what;
  return { ...report, notEvaluated: notEvaluated.map(({ rule }) => rule), needs, ...(errors.length === 0 ? {} : { errors }) };
}

/** What is wrong and what to do, in one text. */
export function violationSentence({ expected, found, hint }: SchemaViolation, language: Language): string {
  return language === 'vi' ? `yêu cầu ${expected}, thực tế ${found}. ${hint}` : `expected ${expected}, found ${found}. ${hint}`;
}
