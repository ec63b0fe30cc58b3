import { TrucError, type RowItem } from '@truc/kernel';
import { BoundTable, type BoundCode, type BoundField, type FieldReader } from './bound-table.js';
import { bindChild, bindCode } from './compiled-identification.js';
import type { CompiledField, CompiledTable } from './compiled-table.js';
import { Fault } from './fault.js';
import { bindParentColumns, type BoundParent, type ParentCodes } from './parent-codes.js';
import type { CompiledTransform } from './row-steps.js';
import { asItIs } from './value-conversion.js';

/** A column as a relation message describes it. */
export interface SourceColumn {
  readonly name: string;
  /** PostgreSQL's format_type name: `character varying(150)`, `date`, `text[]`, `jsonb`. */
  readonly type: string;
  /** Part of the replica identity: known for deletes and old keys. */
  readonly isKey: boolean;
}

/** Joins a compiled mapping to the columns of one relation. See {@link CompiledTable.bind}. */
export function bindColumns(table: CompiledTable, columns: readonly SourceColumn[], parents: ParentCodes | null): BoundTable {
  const { identification } = table;
  const placeOf = placesOf(columns, table.table, `the mapping of ${table.dataset}`);
  const keyPlaceOf = (name: string): number => keyPlace(placeOf, columns, table.table, name, `the key of ${table.dataset}`);
  const keyPlaces = table.primaryKey.map(keyPlaceOf);
  for (const name of identification.reads) keyPlaceOf(name);
  const typeOf = (name: string): string => columns[placeOf(name)]?.type ?? '';
  for (const { column, transform } of identification.codes) {
    if (identification.parent === null) requireFit(transform, column, { avroType: 'string' }, `${table.table}.${column}`, typeOf);
  }
  const readers = bindCode(identification, table.table, placeOf, typeOf, parents);
  const codes = table.codes.map(({ field, isTakenFromField, isFieldFilled }, index): BoundCode => {
    const reader = readers[index];
    if (reader === undefined) throw new Error('unreachable: a code without a reader');
    return { ...reader, field, isTakenFromField, isFieldFilled };
  });
  const fields = table.fields.map((field): BoundField => {
    const { transform } = field;
    if (table.codes.some((code) => code.isFieldFilled && code.field.field === field.field)) return { ...field, value: null };
    if (transform === null || field.column === null) return { ...field, value: () => null };
    requireFit(transform, field.column, field.shape, `${table.table}.${field.column}`, typeOf);
    return { ...field, value: fieldReader(field, transform, placeOf) };
  });
  const { referenceDateColumn } = table;
  return new BoundTable({
    fields,
    codes,
    child: bindChild(identification, placeOf, typeOf),
    keyPlaces,
    keyIsCode: table.keyIsCode,
    referenceDatePlace: referenceDateColumn === null ? null : placeOf(referenceDateColumn),
    referenceDateColumn,
  });
}

/** Joins the parent of a mapping to its relation: what the index of parents is fed with. */
export function bindParent({ table, identification }: CompiledTable, columns: readonly SourceColumn[]): BoundParent {
  const { parent } = identification;
  if (parent === null) throw new TrucError('MAPPING_VIA_INVALID', `the code of ${table} is in its own row: it has no parent to be read`);
  const placeOf = placesOf(columns, parent.table, `the way to the code of ${table} (via)`);
  return bindParentColumns(parent, columns, (name, isKey) =>
    isKey ? keyPlace(placeOf, columns, parent.table, name, `the key by which ${table} points to it`) : placeOf(name),
  );
}

function placesOf(columns: readonly SourceColumn[], table: string, whose: string): (name: string) => number {
  const places = new Map(columns.map((column, index) => [column.name, index]));
  return (name) => {
    const place = places.get(name);
    if (place !== undefined) return place;
    throw new TrucError(
      'MAPPING_COLUMN_MISSING',
      `${table}.${name} is in ${whose} but not in the rows that the source sends: it was renamed or dropped, it is a generated column, or the publication leaves it out. Change the mapping, or add the column to the publication`,
    );
  };
}

function keyPlace(placeOf: (name: string) => number, columns: readonly SourceColumn[], table: string, name: string, of: string): number {
  const place = placeOf(name);
  if (columns[place]?.isKey === true) return place;
  throw new TrucError(
    'MAPPING_KEY_MISSING',
    `${table}.${name} is part of ${of} but not of the table's replica identity, so a delete would not say whose row it was. Make a unique index over the key's columns and ${name}, all NOT NULL, and run: ALTER TABLE ${table} REPLICA IDENTITY USING INDEX followed by its name. Where ${name} may be null, publish the table without a column list and then run: ALTER TABLE ${table} REPLICA IDENTITY FULL`,
  );
}

/** One function from the row to the field's value. */
function fieldReader({ convert }: CompiledField, transform: CompiledTransform, placeOf: (name: string) => number): FieldReader {
  const read = transform.bind(placeOf);
  const { list } = transform;
  if (list !== null) {
    return (values) => {
      const text = read(values);
      const members = typeof text === 'string' ? list(text) : text;
      if (members === null || members instanceof Fault || convert === asItIs) return members;
      const items: RowItem[] = [];
      for (const member of members) {
        const item = convert(member);
        if (item instanceof Fault) return item;
        items.push(item);
      }
      return items;
    };
  }
  if (convert === asItIs) return read;
  return (values) => {
    const text = read(values);
    return typeof text === 'string' ? convert(text) : text;
  };
}

/** Refuses, before the first row, what would be a wrong text or a fault in every row. */
function requireFit(
  transform: CompiledTransform,
  column: string,
  shape: CompiledField['shape'],
  where: string,
  typeOf: (name: string) => string,
): void {
  if (!transform.reads.includes(column)) return;
  const type = typeOf(column);
  const hint = misfit(type, transform, shape);
  if (hint !== null) throw new TrucError('MAPPING_TYPE_UNFIT', `${where} has the type ${type}: ${hint}`);
}

function misfit(type: string, { takesApart, isEmpty }: CompiledTransform, { logicalType }: CompiledField['shape']): string | null {
  if (type.endsWith('[]')) {
    if (takesApart === 'array') return null;
    return 'an array is no single value; take its first item with transform {op: first}, or all of them with {op: each}';
  }
  if (type === 'json' || type === 'jsonb')
    return takesApart === 'json' ? null : 'name the value in it with transform {op: jsonPath, path: $.a.b}';
  if (type === 'point') return takesApart === 'point' ? null : 'take one of its parts with transform {op: pointX} or {op: pointY}';
  if (type === 'bytea') return 'binary values are not sent';
  if (type === 'money') return 'its text depends on the locale of the server; let a view or a generated column cast it to numeric';
  if (isEmpty && type.startsWith('timestamp') && logicalType === 'date')
    return 'a day of it depends on a zone; use transform {op: localDate, zone: Asia/Ho_Chi_Minh}';
  if (isEmpty && /^timestamp(\([0-9]\))? without time zone$/.test(type) && logicalType === 'timestamp-micros') {
    return 'it has no zone, so the instant is unknown; let the source keep timestamp with time zone';
  }
  return null;
}
