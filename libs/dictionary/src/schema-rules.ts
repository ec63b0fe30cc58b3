import {
  canonicalForm,
  parseAvroSchema,
  readAvroSchema,
  type AvroReading,
  type AvroSchema,
  type AvroSchemaError,
  type RecordSchema,
} from '@truc/avro';
import type { AgencyCode, Language } from '@truc/kernel';
import type { DictionaryRelease } from './dictionary-release.js';
import { isMasterKeyOrRefersToOne } from './element-name.js';
import { FieldJudge } from './field-rules.js';
import type { FieldPolicy } from './field-policy.js';
import { ownerProblem, type SchemaCaller } from './owner-rule.js';
import { valueShape } from './row-record.js';
import type { RowFieldType, RowListType } from './row-schema.js';
import { rulesNotEvaluated } from './rules-not-evaluated.js';
import { schemaHint } from './schema-hint.js';
import { limitTerms, schemaTerm } from './schema-term.js';
import type { SchemaJudgement, SchemaViolation } from './schema-violation.js';
import { subjectKind, type SubjectKind } from './subject-kind.js';
import { maskedTypeOf, maskedTypesOf, type ValueMask } from './value-mask.js';

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
  /** What its contract makes of fields, by field name; without it every field has the type of its value domain. */
  readonly masks?: Readonly<Record<string, ValueMask>> | undefined;
}

export interface SubjectSchemaInput {
  /** Null where none is known, as in an offline check: judged as the value of a new dataset of whomsoever. */
  readonly subject: string | null;
  readonly keyOrValue: 'key' | 'value';
  /** JSON text, or read already: what is beyond the limits is then told too. */
  readonly schema: string | AvroReading;
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
 * Judges a subject's schema by rules D1 to D10 and D12 and lists everything that is wrong, and what could not be judged. D11 is about versions and levels, which only a registry knows.
 * @throws AvroSchemaError AVRO_SCHEMA_INVALID when the text is no Avro schema at all
 */
export function checkSubjectSchema(input: SubjectSchemaInput): SchemaJudgement {
  const { language = 'en', release, dataset, view, subject, keyOrValue } = input;
  const kind: SubjectKind = subject === null ? { kind: 'data', agencySlug: '', dataset: '' } : subjectKind(subject);
  const publisher = subject === null ? null : publisherOf(kind, dataset, view);
  const violations: SchemaViolation[] = [];
  // Whose topic a schema of no subject is for, nobody can say.
  const caller = subject === null ? null : input.caller;
  const owner = ownerProblem(kind, caller, dataset?.agency ?? null, language);
  if (owner !== null) violations.push(owner);
  const { schema, limits } = typeof input.schema === 'string' ? readAvroSchema(input.schema) : input.schema;
  violations.push(...limitViolations(limits, language));
  const known = { kind: kind.kind, keyOrValue, isRead: schema !== null, dataset: dataset !== null, view: view !== null };
  const notEvaluated = rulesNotEvaluated({ ...known, caller: caller !== null, publisher: publisher !== null }, language);
  if (schema === null || (kind.kind !== 'data' && kind.kind !== 'view')) return { violations, warnings: [], notEvaluated };

  violations.push(...codeElementViolations(dataset, release, language));
  if (keyOrValue === 'key') return { violations: [...violations, ...keyViolations(schema, language)], warnings: [], notEvaluated };

  const { rows, stray } = valueShape(schema);
  const hintOfStray = schemaHint('envelope-field', language);
  for (const { name, path, type } of stray) {
    const expected = schemaTerm('nothing', language);
    violations.push({ rule: 'D1', path, element: null, expected, found: `${name}: ${type}`, hint: hintOfStray });
  }
  if (rows.length === 0) {
    const hint = schemaHint('row-record-missing', language);
    violations.push({ rule: 'D1', path: '$', element: null, expected: 'record', found: schema.type, hint });
  }
  const previous = input.previousVersions.map((version) => (typeof version === 'string' ? parseAvroSchema(version) : version));
  const judge = new FieldJudge({
    release,
    language,
    isView: kind.kind === 'view',
    policies: view?.fields ?? dataset?.fields ?? null,
    maskedTypes: kind.kind === 'view' && view === null ? null : maskedIn(view, release),
    publisher,
    previousRows: previous.flatMap((version) => firstRow(version)),
  });
  for (const { record, path } of rows) judge.judge(record, path);
  return { violations: [...violations, ...judge.violations], warnings: judge.warnings, notEvaluated };
}

/** What the release no longer has, or masks no longer, is judged by what it has: that the schema has another type is then told by D1 or D2. */
function maskedIn(view: SubjectView | null, release: DictionaryRelease): Record<string, RowFieldType | RowListType> {
  const { fields = [], masks = {} } = view ?? {};
  const fitting = fields.filter(({ name, element }) => {
    const domain = release.valueDomain(release.element(element)?.valueDomain ?? '');
    return domain !== null && masks[name] !== undefined && maskedTypeOf(domain, masks[name]) !== null;
  });
  return maskedTypesOf(fitting, masks, release);
}

/** Rule D12, which holds for every subject. */
export function limitViolations(limits: readonly AvroSchemaError[], language: Language): SchemaViolation[] {
  const hint = schemaHint('limit', language);
  return limits.map((limit) => ({ rule: 'D12', path: limit.path, element: null, ...limitTerms(limit, language), hint }));
}

function keyViolations(schema: AvroSchema, language: Language): SchemaViolation[] {
  if (canonicalForm(schema) === masterDataKeyForm) return [];
  const found = 'name' in schema ? schema.name : schema.type;
  const hint = schemaHint('key-schema', language);
  return [{ rule: 'D5', path: '$', element: null, expected: 'vn.gov.truc.MasterDataKey', found, hint }];
}

function codeElementViolations(dataset: SubjectDataset | null, release: DictionaryRelease, language: Language): SchemaViolation[] {
  if (dataset === null) return [];
  const element = release.element(dataset.codeElement);
  if (element !== null && isMasterKeyOrRefersToOne(element, release)) return [];
  const found = element === null ? schemaTerm('unknown-element', language) : element.valueDomain;
  const hint = schemaHint('code-element', language);
  return [{ rule: 'D5', path: '$', element: dataset.codeElement, expected: schemaTerm('master-key', language), found, hint }];
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
