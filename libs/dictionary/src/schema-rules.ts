import { AvroSchemaError, canonicalForm, parseAvroSchema, type AvroSchema, type RecordSchema } from '@truc/avro';
import type { AgencyCode } from '@truc/kernel';
import type { DictionaryRelease } from './dictionary-release.js';
import { isMasterKeyOrRefersToOne } from './element-name.js';
import { FieldJudge } from './field-rules.js';
import type { FieldPolicy } from './field-policy.js';
import type { Language } from './language.js';
import { ownerProblem, type SchemaCaller } from './owner-rule.js';
import { valueShape } from './row-record.js';
import type { RowFieldType } from './row-schema.js';
import { schemaHint } from './schema-hint.js';
import type { SchemaJudgement, SchemaViolation } from './schema-violation.js';
import { subjectKind, type SubjectKind } from './subject-kind.js';

/** What is known of the dataset that a subject belongs to; DatasetPolicy fits. */
export interface SubjectDataset {
  readonly topic: string;
  readonly agency: AgencyCode;
  readonly fields: readonly FieldPolicy[];
  readonly codeElement: string;
  readonly generation: number;
}

/** What is known of the view that a subject belongs to; ViewPolicy with the dataset's agency fits. */
export interface SubjectView {
  readonly topic: string;
  readonly fields: readonly FieldPolicy[];
  /** Owner and name of the dataset behind the view; without them rule D7 is not judged. */
  readonly agency?: AgencyCode;
  readonly dataset?: string;
  /** Types of fields whose mask changes them, by field name. */
  readonly maskedTypes?: Readonly<Record<string, RowFieldType>>;
}

export interface SubjectSchemaInput {
  readonly subject: string;
  readonly keyOrValue: 'key' | 'value';
  /** JSON text, or parsed already. */
  readonly schema: string | AvroSchema;
  readonly release: DictionaryRelease;
  /** Null where it is not known, as in an offline check: what needs it is not judged. */
  readonly dataset: SubjectDataset | null;
  readonly view: SubjectView | null;
  /** Null where nobody registers anything: rule D6 is not judged. */
  readonly caller: SchemaCaller | null;
  /** In the order of their versions; empty for a new subject. */
  readonly previousVersions: readonly (string | AvroSchema)[];
  readonly language?: Language;
}

const masterDataKeyForm = canonicalForm(
  parseAvroSchema(
    JSON.stringify({
      type: 'record',
      name: 'vn.gov.truc.MasterDataKey',
      fields: ['scheme', 'code', 'row'].map((name) => ({ name, type: 'string' })),
    }),
  ),
);

/**
 * Judges a subject's schema by rules D1 to D10 and D12 and lists everything that is wrong. D11 is about versions and levels and is the registry's.
 * @throws AvroSchemaError AVRO_SCHEMA_INVALID when the text is no Avro schema at all
 */
export function checkSubjectSchema(input: SubjectSchemaInput): SchemaJudgement {
  const { language = 'en', release, dataset, view, previousVersions } = input;
  const kind = subjectKind(input.subject);
  const violations: SchemaViolation[] = [];
  const owner = ownerProblem(kind, input.caller, dataset?.agency ?? null, language);
  if (owner !== null) violations.push(owner);
  const parsed = parseWithinLimits(input.schema, language);
  if ('rule' in parsed) return { violations: [...violations, parsed], warnings: [] };
  if (kind.kind !== 'data' && kind.kind !== 'view') return { violations, warnings: [] };

  violations.push(...codeElementViolations(dataset, release, language));
  if (input.keyOrValue === 'key') {
    if (canonicalForm(parsed) !== masterDataKeyForm) {
      violations.push({
        rule: 'D5',
        path: '$',
        element: null,
        expected: 'vn.gov.truc.MasterDataKey',
        found: 'name' in parsed ? parsed.name : parsed.type,
        hint: schemaHint('key-schema', language),
      });
    }
    return { violations, warnings: [] };
  }

  const previous = previousVersions.map((version) => (typeof version === 'string' ? parseAvroSchema(version) : version));
  const { rows, stray } = valueShape(parsed);
  for (const { name, path, type } of stray) {
    violations.push({
      rule: 'D1',
      path,
      element: null,
      expected: 'nothing',
      found: `${name}: ${type}`,
      hint: schemaHint('envelope-field', language),
    });
  }
  if (rows.length === 0) {
    const hint = schemaHint('row-record-missing', language);
    violations.push({ rule: 'D1', path: '$', element: null, expected: 'record', found: parsed.type, hint });
  }
  const judge = new FieldJudge({
    release,
    language,
    isView: kind.kind === 'view',
    policies: view?.fields ?? dataset?.fields ?? null,
    maskedTypes: view?.maskedTypes ?? {},
    publisher: publisherOf(kind, dataset, view),
    previousRows: previous.flatMap((version) => firstRow(version)),
  });
  for (const { record, path } of rows) judge.judge(record, path);
  return { violations: [...violations, ...judge.violations], warnings: judge.warnings };
}

function parseWithinLimits(schema: string | AvroSchema, language: Language): AvroSchema | SchemaViolation {
  if (typeof schema !== 'string') return schema;
  try {
    return parseAvroSchema(schema);
  } catch (error) {
    if (!(error instanceof AvroSchemaError) || error.code !== 'AVRO_SCHEMA_LIMIT') throw error;
    const hint = schemaHint('limit', language);
    return { rule: 'D12', path: error.path, element: null, expected: 'within the limits', found: error.problem, hint };
  }
}

function codeElementViolations(dataset: SubjectDataset | null, release: DictionaryRelease, language: Language): SchemaViolation[] {
  if (dataset === null) return [];
  const element = release.element(dataset.codeElement);
  if (element !== null && isMasterKeyOrRefersToOne(element, release)) return [];
  const found = element === null ? 'an unknown element' : element.valueDomain;
  const hint = schemaHint('code-element', language);
  return [{ rule: 'D5', path: '$', element: dataset.codeElement, expected: 'a master key or a reference to one', found, hint }];
}

function firstRow(schema: AvroSchema): RecordSchema[] {
  return valueShape(schema)
    .rows.slice(0, 1)
    .map(({ record }) => record);
}

/** Whose data it is: slug or code of the agency, and the dataset's name. */
function publisherOf(
  kind: SubjectKind,
  dataset: SubjectDataset | null,
  view: SubjectView | null,
): { readonly agency: string; readonly dataset: string | null } | null {
  if (kind.kind === 'data') return { agency: dataset?.agency ?? kind.agencySlug, dataset: kind.dataset };
  return view?.agency === undefined ? null : { agency: view.agency, dataset: view.dataset ?? null };
}
