import type { DataElement, DictionaryRelease } from './dictionary-release.js';
import { elementReference } from './element-name.js';
import type { ValueDomain } from './entry.js';
import type { FieldPolicy } from './field-policy.js';
import { TrucError } from '@truc/kernel';

/** Avro type of a value domain as JSON. */
export type RowFieldType =
  | 'string'
  | 'int'
  | 'long'
  | 'boolean'
  | 'double'
  | { readonly type: 'int'; readonly logicalType: 'date' }
  | { readonly type: 'long'; readonly logicalType: 'timestamp-micros' }
  | { readonly type: 'bytes'; readonly logicalType: 'decimal'; readonly precision: number; readonly scale: number };

/** Type of a field that holds a list: an array of the domain's type. */
export interface RowListType {
  readonly type: 'array';
  readonly items: RowFieldType;
}

export interface RowSchemaField {
  readonly name: string;
  readonly type: RowFieldType | RowListType | readonly ['null', RowFieldType | RowListType];
  readonly default?: null;
  readonly doc: string;
  readonly dictionaryElement: string;
  readonly dictionaryRole: 'source' | 'reference';
  readonly protection: 'none' | 'masked' | 'encrypted';
}

/** Avro record of a row, as JSON. */
export interface RowSchema {
  readonly type: 'record';
  readonly name: string;
  readonly namespace?: string;
  readonly fields: readonly RowSchemaField[];
}

/** The Avro type that values of a domain have. */
export function avroTypeOf(domain: ValueDomain): RowFieldType {
  switch (domain.logicalType) {
    case 'date':
      return { type: 'int', logicalType: 'date' };
    case 'timestamp-micros':
      return { type: 'long', logicalType: 'timestamp-micros' };
    case 'decimal':
      return { type: 'bytes', logicalType: 'decimal', precision: domain.precision ?? 1, scale: domain.scale ?? 0 };
    case null:
      return domain.avroType === 'bytes' ? 'string' : domain.avroType;
  }
}

/** The Avro type of a field: the domain's, or a list of it. */
export function fieldTypeOf(domain: ValueDomain, { isList }: Pick<FieldPolicy, 'isList'>): RowFieldType | RowListType {
  const item = avroTypeOf(domain);
  return isList === true ? { type: 'array', items: item } : item;
}

export interface RowSchemaInput {
  readonly namespace?: string;
  readonly name: string;
  readonly fields: readonly FieldPolicy[];
  readonly release: DictionaryRelease;
  /** Fields that were not in the dataset's first version: nullable with default null even where required (rule D4). */
  readonly addedLater?: ReadonlySet<string>;
  /** Types of fields whose mask changes them, by field name (`maskedTypesOf`): the year of a masked date is an int. */
  readonly maskedTypes?: Readonly<Record<string, RowFieldType | RowListType>>;
}

/** Composes the record schema of a dataset's or view's rows. @throws TrucError DICTIONARY_ELEMENT_UNKNOWN */
export function rowSchema({ namespace, name, fields, release, addedLater, maskedTypes }: RowSchemaInput): RowSchema {
  return {
    type: 'record',
    name,
    ...(namespace === undefined ? {} : { namespace }),
    fields: fields.map((field) => {
      const { element, domain } = elementOf(field, release);
      const type = maskedTypes?.[field.name] ?? fieldTypeOf(domain, field);
      const isPlain = field.required && addedLater?.has(field.name) !== true;
      return {
        name: element.field,
        ...(isPlain ? { type } : { type: ['null', type] as const, default: null }),
        doc: element.definition.en,
        dictionaryElement: elementReference(element),
        dictionaryRole: field.role,
        protection: field.protection,
      };
    }),
  };
}

/** The element and value domain of a field. @throws TrucError DICTIONARY_ELEMENT_UNKNOWN */
export function elementOf(field: FieldPolicy, release: DictionaryRelease): { element: DataElement; domain: ValueDomain } {
  const element = release.element(field.element);
  const domain = element === null ? null : release.valueDomain(element.valueDomain);
  if (element === null || domain === null) {
    throw new TrucError(
      'DICTIONARY_ELEMENT_UNKNOWN',
      `the field ${field.name} names the element ${field.element}, which release ${release.number} of the dictionary does not have`,
    );
  }
  return { element, domain };
}
