export const schemaRules = ['D1', 'D2', 'D3', 'D4', 'D5', 'D6', 'D7', 'D8', 'D9', 'D10', 'D11', 'D12'] as const;
export type SchemaRule = (typeof schemaRules)[number];

/** One reason against a subject's schema. */
export interface SchemaViolation {
  readonly rule: SchemaRule;
  /** JSON path into the schema: `$.fields[1].type[1].fields[3]`. */
  readonly path: string;
  /** The element concerned, as the schema names it. */
  readonly element: string | null;
  readonly expected: string;
  readonly found: string;
  /** What to do, for a person, in the language asked for. */
  readonly hint: string;
}

/** A rule that could not be judged by what is known, wholly or in part. */
export interface RuleNotEvaluated {
  readonly rule: SchemaRule;
  /** What would have to be known, for a person, in the language asked for. */
  readonly needs: string;
}

/** Violations refuse the schema; warnings let it pass and are told. */
export interface SchemaJudgement {
  readonly violations: readonly SchemaViolation[];
  readonly warnings: readonly SchemaViolation[];
  /** In the order of the rules. */
  readonly notEvaluated: readonly RuleNotEvaluated[];
}
