import { TrucError } from '@truc/kernel';
import { BoundTable } from './bound-table.js';
import type { CompiledField, CompiledTable } from './compiled-table.js';
import type { CompiledTransform } from './row-steps.js';

/** A column as a relation message describes it. */
export interface SourceColumn {
  readonly name: string;
  /** PostgreSQL's format_type name: `character varying(150)`, `date`, `text[]`, `jsonb`. */
  readonly type: string;
  /** Part of the replica identity: known for deletes and old keys. */
  readonly isKey: boolean;
}

/** Joins a compiled mapping to the columns of one relation. See {@link CompiledTable.bind}. */
export function bindColumns(table: CompiledTable, columns: readonly SourceColumn[]): BoundTable {
  const places = new Map(columns.map((column, index) => [column.name, index]));
  const placeOf = (name: string): number => {
    const place = places.get(name);
    if (place !== undefined) return place;
    throw new TrucError(
      'MAPPING_COLUMN_MISSING',
      `${table.table}.${name} is in the mapping of ${table.dataset} but not in the rows that the source sends: it was renamed or dropped, it is a generated column, or the publication leaves it out. Change the mapping, or add the column to the publication`,
    );
  };
  const keyPlaceOf = (name: string): number => {
    const place = placeOf(name);
    if (columns[place]?.isKey === true) return place;
    throw new TrucError(
      'MAPPING_KEY_MISSING',
      `${table.table}.${name} is part of the key of ${table.dataset} but not of the table's replica identity, so a delete would not say whose row it was. Make a unique index over the key's columns and ${name}, all NOT NULL, and run: ALTER TABLE ${table.table} REPLICA IDENTITY USING INDEX followed by its name`,
    );
  };
  const keyPlaces = table.primaryKey.map(keyPlaceOf);
  for (const name of table.identification.reads) keyPlaceOf(name);
  const typeOf = (name: string) => columns[placeOf(name)]?.type ?? '';
  requireFit(
    table.identification,
    table.identificationColumn,
    { avroType: 'string' },
    `${table.table}.${table.identificationColumn}`,
    typeOf,
  );
  const fields = table.fields.map((field) => {
    const { transform } = field;
    if (transform === null || field.column === null) return { ...field, read: () => null };
    requireFit(transform, field.column, field.shape, `${table.table}.${field.column}`, typeOf);
    return { ...field, read: transform.bind(placeOf) };
  });
  return new BoundTable({
    fields,
    code: table.code,
    readCode: table.identification.bind(placeOf),
    keyPlaces,
    keyIsCode: table.keyIsCode,
    referenceDatePlace: table.referenceDateColumn === null ? null : placeOf(table.referenceDateColumn),
    referenceDateColumn: table.referenceDateColumn,
  });
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
  if (type.endsWith('[]'))
    return takesApart === 'array' ? null : 'an array fills no single field; take its first item with transform {op: first}';
  if (type === 'json' || type === 'jsonb')
    return takesApart === 'json' ? null : 'name the value in it with transform {op: jsonPath, path: $.a.b}';
  if (type === 'bytea') return 'binary values are not sent';
  if (type === 'money') return 'its text depends on the locale of the server; let a view or a generated column cast it to numeric';
  if (isEmpty && type.startsWith('timestamp') && logicalType === 'date')
    return 'a day of it depends on a zone; use transform {op: localDate, zone: Asia/Ho_Chi_Minh}';
  if (isEmpty && /^timestamp(\([0-9]\))? without time zone$/.test(type) && logicalType === 'timestamp-micros') {
    return 'it has no zone, so the instant is unknown; let the source keep timestamp with time zone';
  }
  return null;
}
