import { describeSchema, type AvroSchema, type RecordField, type RecordSchema } from '@truc/avro';
import { isAuthority } from './authority.js';
import type { DataElement, DictionaryRelease } from './dictionary-release.js';
import { elementReference, parseElementReference } from './element-name.js';
import type { ValueDomain } from './entry.js';
import type { FieldPolicy } from './field-policy.js';
import type { Language } from '@truc/kernel';
import { avroTypeOf, fieldTypeOf, type RowFieldType, type RowListType } from './row-schema.js';
import { schemaHint, type SchemaProblem } from './schema-hint.js';
import { schemaTerm, type SchemaTerm } from './schema-term.js';
import type { SchemaRule, SchemaViolation } from './schema-violation.js';

export interface FieldJudgeInput {
  readonly release: DictionaryRelease;
  readonly language: Language;
  readonly isView: boolean;
  /** Fields that the dataset or view has; null where they are not known. */
  readonly policies: readonly FieldPolicy[] | null;
  /** Null in a view whose masks are not known: rule D2 is then not judged where a field is masked. */
  readonly maskedTypes: Readonly<Record<string, RowFieldType | RowListType>> | null;
  readonly publisher: { readonly agency: string; readonly dataset: string | null } | null;
  /** Row records of earlier versions, in their order. */
  readonly previousRows: readonly RecordSchema[];
}

/** Judges the fields of row records by rules D1 to D4 and D7 to D10 and gathers what it finds. */
export class FieldJudge {
  readonly violations: SchemaViolation[] = [];
  readonly warnings: SchemaViolation[] = [];

  private readonly policies: ReadonlyMap<string, FieldPolicy>;
  /** Elements of the fields of earlier versions by the fields' names; null for a field that names none. */
  private readonly formerElements = new Map<string, Set<string | null>>();

  constructor(private readonly input: FieldJudgeInput) {
    this.policies = new Map(input.policies?.map((policy) => [policy.name, policy]));
    for (const field of input.previousRows.flatMap((row) => row.fields)) {
      const elements = this.formerElements.get(field.name) ?? new Set();
      this.formerElements.set(field.name, elements.add(elementOfField(field)));
    }
  }

  judge(record: RecordSchema, path: string): void {
    record.fields.forEach((field, index) => this.field(field, `${path}.fields[${index}]`));
    if (this.input.previousRows.length > 0) return;
    const names = new Set(record.fields.map(({ name }) => name));
    for (const policy of this.policies.values()) {
      if (!policy.required || names.has(policy.name)) continue;
      this.refuse('D4', 'required-missing', path, policy.element, policy.name, this.term('nothing'));
    }
  }

  private field(field: RecordField, path: string): void {
    const reference = field.attributes['dictionaryElement'];
    const policy = this.policies.get(field.name);
    if (this.input.isView && this.input.policies !== null && policy === undefined) {
      this.refuse('D1', 'not-in-view', path, typeof reference === 'string' ? reference : null, this.term('nothing'), field.name);
    }
    this.optionality(field, path, policy);
    if (typeof reference !== 'string' || reference === '') {
      const found = reference === undefined || reference === null || reference === '' ? this.term('nothing') : typeof reference;
      this.refuse('D1', 'element-missing', path, null, 'dictionaryElement', found);
      return;
    }
    const { urn, version } = parseElementReference(reference);
    const { release } = this.input;
    const element = release.element(urn);
    const domain = element === null ? null : release.valueDomain(element.valueDomain);
    if (element === null || domain === null) {
      const number = String(release.number);
      this.refuse('D1', 'element-unknown', path, reference, this.term('element-of-release', number), reference, number);
      return;
    }
    if (version !== null && version !== element.version) {
      this.refuse('D1', 'element-version', path, reference, elementReference(element), reference, String(release.number));
    }
    this.status(element, reference, path);
    this.name(field, element, reference, path);
    this.type(field, domain, policy, reference, path);
    this.source(field, element, reference, path);
  }

  private status(element: DataElement, reference: string, path: string): void {
    const successor = element.supersededBy === null ? '' : ` (${element.supersededBy})`;
    if (element.status === 'proposed' || element.status === 'retired') {
      this.refuse('D1', 'element-status', path, reference, 'approved', element.status, successor);
    } else if (element.status === 'deprecated') {
      const isNew = this.input.previousRows.length === 0;
      if (isNew) this.refuse('D9', 'deprecated', path, reference, 'approved', element.status, successor);
      else this.warnings.push(this.finding('D9', 'deprecated-warning', path, reference, 'approved', element.status, successor));
    }
  }

  private name(field: RecordField, element: DataElement, reference: string, path: string): void {
    if (field.name !== element.field) this.refuse('D3', 'name', path, reference, element.field, field.name);
    // A reader takes an earlier field of that name for this one: it must have been this element's, or one datum would be read as another.
    for (const [index, alias] of field.aliases.entries()) {
      const at = `${path}.aliases[${index}]`;
      const former = this.formerElements.get(alias);
      if (former === undefined) this.refuse('D3', 'alias', at, reference, this.term('earlier-name'), alias);
      const other = [...(former ?? [])].find((urn) => urn !== null && urn !== element.urn);
      if (other === undefined || other === null) continue;
      this.refuse('D3', 'alias', at, reference, this.term('earlier-name-of-element'), this.term('name-of-element', alias, other));
    }
  }

  private type(field: RecordField, domain: ValueDomain, policy: FieldPolicy | undefined, reference: string, path: string): void {
    const { isView, maskedTypes } = this.input;
    if (isView && maskedTypes === null && textOf(field.attributes['protection']) === 'masked') return;
    const plain = withoutNull(field.schema);
    const masked = (isView ? maskedTypes?.[field.name] : undefined) ?? null;
    if (plain.type === 'enum' && masked === null && domain.codeList !== null)
      return this.enumeration(plain.symbols, domain, reference, path);
    // Where the dataset is not known a list of the domain's type is as good as one value.
    const isList = policy === undefined ? plain.type === 'array' : policy.isList === true;
    const expected = masked ?? fieldTypeOf(domain, { isList });
    if (hasType(plain, expected)) return;
    this.refuse('D2', 'type', `${path}.type`, reference, typeText(expected), this.foundType(field.schema, plain), domain.id);
  }

  /** A logical type that the type does not have is no part of how a schema is read, and would mislead whoever reads the text. */
  private foundType(whole: AvroSchema, plain: AvroSchema): string {
    const logicalType = plain.attributes['logicalType'];
    const isUnfit = logicalType !== undefined && !('logicalType' in plain && plain.logicalType !== null);
    return isUnfit ? this.term('no-logical-type', describeSchema(whole), JSON.stringify(logicalType)) : describeSchema(whole);
  }

  /** Rule D10: an enum stands for a closed list whose codes are names, and for all of them. */
  private enumeration(symbols: readonly string[], domain: ValueDomain, reference: string, path: string): void {
    const list = domain.codeList === null ? null : this.input.release.codeList(domain.codeList);
    const codes = list === null ? [] : [...list.codes()];
    if (list === null || list.open || codes.some((code) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(code))) {
      return this.refuse('D10', 'enum-list', `${path}.type`, reference, typeText(avroTypeOf(domain)), 'enum');
    }
    const known = new Set(codes);
    const given = new Set(symbols);
    const missing = codes.filter((code) => !given.has(code));
    const surplus = symbols.filter((symbol) => !known.has(symbol));
    if (missing.length === 0 && surplus.length === 0) return;
    const expected = this.term('codes-of-list', String(codes.length), shortList(codes));
    const found = [
      ...(missing.length === 0 ? [] : [this.term('missing-symbols', shortList(missing))]),
      ...(surplus.length === 0 ? [] : [this.term('surplus-symbols', shortList(surplus))]),
    ].join('; ');
    this.refuse('D10', 'enum-symbols', `${path}.type`, reference, expected, found);
  }

  /** Rule D4. */
  private optionality(field: RecordField, path: string, policy: FieldPolicy | undefined): void {
    const isPlain = !(field.schema.type === 'union' && field.schema.branches.some(({ type }) => type === 'null'));
    const reference = policy?.element ?? null;
    const [first] = this.input.previousRows;
    const inFirst = first === undefined || first.fields.some(({ name }) => name === field.name || field.aliases.includes(name));
    if (inFirst) {
      if (policy?.required !== true || (isPlain && field.default === undefined)) return;
      const found = isPlain ? this.term('a-default') : describeSchema(field.schema);
      return this.refuse('D4', 'required-nullable', path, reference, this.term('plain-type'), found);
    }
    const isNullFirst = field.schema.type === 'union' && field.schema.branches[0]?.type === 'null';
    if (isNullFirst && field.default === null) return;
    const type = describeSchema(field.schema);
    const found = field.default === undefined ? this.term('without-default', type) : type;
    this.refuse('D4', 'added-not-nullable', path, reference, this.term('null-default'), found);
  }

  /** Rules D7 and D8. */
  private source(field: RecordField, element: DataElement, reference: string, path: string): void {
    const role = this.found(field.attributes['dictionaryRole']);
    const protection = this.found(field.attributes['protection']);
    const { publisher } = this.input;
    if (publisher !== null && role !== 'reference' && !isAuthority(element, publisher)) {
      const authority = element.authoritativeDataset ?? element.authoritativeSource;
      this.refuse('D7', 'authority', path, reference, this.term('reference-to', authority), role);
    }
    if (element.classification === 'state-secret') {
      this.refuse('D8', 'state-secret', path, reference, this.term('nothing'), element.classification);
    } else if (element.classification === 'sensitive-personal' && protection !== 'masked' && protection !== 'encrypted') {
      this.refuse('D8', 'protection', path, reference, this.term('protected'), protection);
    }
  }

  private term(term: SchemaTerm, ...values: string[]): string {
    return schemaTerm(term, this.input.language, ...values);
  }

  private found(attribute: unknown): string {
    return textOf(attribute) ?? this.term('nothing');
  }

  private refuse(
    rule: SchemaRule,
    problem: SchemaProblem,
    path: string,
    element: string | null,
    expected: string,
    found: string,
    ...more: string[]
  ): void {
    this.violations.push(this.finding(rule, problem, path, element, expected, found, ...more));
  }

  private finding(
    rule: SchemaRule,
    problem: SchemaProblem,
    path: string,
    element: string | null,
    expected: string,
    found: string,
    ...more: string[]
  ): SchemaViolation {
    return { rule, path, element, expected, found, hint: schemaHint(problem, this.input.language, ...more) };
  }
}

function withoutNull(schema: AvroSchema): AvroSchema {
  if (schema.type !== 'union' || schema.branches.length !== 2) return schema;
  const plain = schema.branches.filter(({ type }) => type !== 'null');
  return plain.length === 1 ? plain[0]! : schema;
}

function hasType(schema: AvroSchema, expected: RowFieldType | RowListType): boolean {
  if (isListType(expected)) return schema.type === 'array' && hasType(schema.items, expected.items);
  if (schema.type === 'union' || schema.type === 'record' || schema.type === 'enum' || schema.type === 'array' || schema.type === 'map')
    return false;
  const { logicalType } = schema;
  if (typeof expected === 'string') return schema.type === expected && schema.attributes['logicalType'] === undefined;
  if (schema.type !== expected.type || logicalType?.kind !== expected.logicalType) return false;
  if (expected.logicalType !== 'decimal' || logicalType.kind !== 'decimal') return true;
  return logicalType.precision === expected.precision && logicalType.scale === expected.scale;
}

function isListType(type: RowFieldType | RowListType): type is RowListType {
  return typeof type !== 'string' && type.type === 'array';
}

function typeText(type: RowFieldType | RowListType): string {
  if (typeof type === 'string') return type;
  if (isListType(type)) return `array of ${typeText(type.items)}`;
  if (type.logicalType === 'decimal') return `${type.type} (decimal(${type.precision},${type.scale}))`;
  return `${type.type} (${type.logicalType})`;
}

function textOf(attribute: unknown): string | null {
  return typeof attribute === 'string' ? attribute : null;
}

function elementOfField(field: RecordField): string | null {
  const reference = textOf(field.attributes['dictionaryElement']);
  return reference === null ? null : parseElementReference(reference).urn;
}

const shownMax = 20;

function shortList(names: readonly string[]): string {
  return names.length <= shownMax ? names.join(', ') : `${names.slice(0, shownMax).join(', ')}, … (${names.length})`;
}
