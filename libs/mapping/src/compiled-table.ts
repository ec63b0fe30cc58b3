import type { FieldPolicy } from '@truc/dictionary';
import { TrucError } from '@truc/kernel';
import type { BoundTable, FieldMapping } from './bound-table.js';
import { bindColumns, bindParent, type SourceColumn } from './column-binding.js';
import { canonicalText, compileIdentification, type CompiledIdentification } from './compiled-identification.js';
import type { BoundParent, ParentCodes } from './parent-codes.js';
import { compileTransform, type CompiledTransform } from './row-steps.js';
import type { TablePolicy } from './table-policy.js';
import { valueConversion, type ValueShape } from './value-conversion.js';
import type { ParentReference } from './via.js';

/** What mapping asks of a dictionary release: the value shape of an element. `DictionaryRelease` of libs/dictionary is one. */
export interface ElementShapes {
  element(urn: string): { readonly valueDomain: string } | null | undefined;
  valueDomain(urn: string): ValueShape | null | undefined;
}

/** What mapping asks of a dataset. A dataset policy is one. */
export interface MappedDataset {
  readonly fields: readonly FieldPolicy[];
  readonly codeField: string;
  readonly scheme: string;
  /** True where the source row's key is the code itself. */
  readonly keyIsCode: boolean;
}

/** A field of the dataset with everything but its column's place. `mapping` is null where this table does not fill the field. */
export interface CompiledField extends FieldMapping {
  readonly transform: CompiledTransform | null;
  readonly shape: ValueShape;
}

/** A code of the table's rows and the field that repeats it. */
interface CodeField {
  readonly field: CompiledField;
  /** True where that field has the code's own column and transform. */
  readonly isTakenFromField: boolean;
  /** True where no column maps that field. */
  readonly isFieldFilled: boolean;
}

/** A mapping that is known to be sound; {@link CompiledTable.bind} joins it to a relation of the stream. */
export class CompiledTable {
  readonly table: string;
  readonly dataset: string;
  /** Every column that is read, each once, keys first: what a snapshot selects and a publication may be limited to. */
  readonly columns: readonly string[];
  readonly primaryKey: readonly string[];
  readonly referenceDateColumn: string | null;
  readonly keyIsCode: boolean;
  readonly identification: CompiledIdentification;
  readonly fields: readonly CompiledField[];
  /** Aligned with the codes of the identification. */
  readonly codes: readonly CodeField[];

  /** Made by {@link compileTable}. */
  constructor(
    policy: TablePolicy,
    dataset: MappedDataset,
    identification: CompiledIdentification,
    fields: readonly CompiledField[],
    codes: readonly CodeField[],
  ) {
    this.table = policy.table;
    this.dataset = policy.dataset;
    this.primaryKey = policy.primaryKey;
    this.referenceDateColumn = policy.referenceDateColumn;
    this.keyIsCode = dataset.keyIsCode;
    this.identification = identification;
    this.fields = fields;
    this.codes = codes;
    const read = [...policy.primaryKey, ...identification.reads, ...fields.flatMap((field) => field.transform?.reads ?? [])];
    this.columns = [...new Set(policy.referenceDateColumn === null ? read : [...read, policy.referenceDateColumn])];
  }

  /** The table that has to be read beside this one, because it has the code; null where the row has it. */
  get parent(): ParentReference | null {
    return this.identification.parent;
  }

  /**
   * Joins the mapping to a relation as the stream announced it; again whenever the stream announces a new one.
   * @param parents needed where the code lies in another table
   * @throws TrucError MAPPING_COLUMN_MISSING, MAPPING_KEY_MISSING, MAPPING_TYPE_UNFIT, MAPPING_PARENTS_MISSING
   */
  bind(columns: readonly SourceColumn[], parents: ParentCodes | null = null): BoundTable {
    return bindColumns(this, columns, parents);
  }

  /** Joins {@link parent} to its relation. @throws TrucError MAPPING_COLUMN_MISSING, MAPPING_KEY_MISSING, MAPPING_VIA_INVALID where the row has the code */
  bindParent(columns: readonly SourceColumn[]): BoundParent {
    return bindParent(this, columns);
  }
}

/**
 * Compiles a table's mapping: composes functions, evaluates nothing.
 * @throws TrucError MAPPING_FIELD_UNKNOWN, MAPPING_FIELD_TWICE, MAPPING_FIELD_UNMAPPED, MAPPING_ELEMENT_UNKNOWN, MAPPING_KEY_NOT_CODE, MAPPING_TRANSFORM_INVALID, MAPPING_VIA_INVALID, MAPPING_DOMAIN_UNSUPPORTED
 */
export function compileTable(table: TablePolicy, dataset: MappedDataset, release: ElementShapes): CompiledTable {
  const byElement = new Map(dataset.fields.map((field) => [withoutVersion(field.element), field]));
  const columnOf = new Map<string, TablePolicy['columns'][number]>();
  for (const entry of table.columns) {
    const where = `${table.table}.${entry.column}`;
    const field = byElement.get(withoutVersion(entry.element));
    if (field === undefined) {
      throw new TrucError(
        'MAPPING_FIELD_UNKNOWN',
        `${where}: the dataset ${table.dataset} has no field for ${entry.element}; add the field to the dataset or take the entry out of the mapping`,
        { vi: `${where}: tập dữ liệu ${table.dataset} không có trường cho ${entry.element}; hãy thêm trường hoặc bỏ mục này khỏi ánh xạ` },
      );
    }
    const other = columnOf.get(field.name);
    if (other) {
      throw new TrucError(
        'MAPPING_FIELD_TWICE',
        `${where}: the field ${field.name} of ${table.dataset} is filled by ${other.column} already; one datum has one column`,
        { vi: `${where}: trường ${field.name} của ${table.dataset} đã lấy từ ${other.column}; mỗi dữ liệu chỉ có một cột` },
      );
    }
    columnOf.set(field.name, entry);
  }
  const fields = dataset.fields.map((field): CompiledField => {
    const entry = columnOf.get(field.name);
    // The code of a parent's row has no column here: the identification fills its field.
    if (entry === undefined && field.required && field.name !== dataset.codeField) {
      throw new TrucError(
        'MAPPING_FIELD_UNMAPPED',
        `${table.table}: no column fills ${field.name}, which ${table.dataset} requires; map a column to ${field.element}`,
        { vi: `${table.table}: không cột nào ghi ${field.name} mà ${table.dataset} bắt buộc có; hãy ánh xạ một cột vào ${field.element}` },
      );
    }
    const where = `${table.table}.${entry?.column ?? field.name}`;
    if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(field.name)) {
      throw new TrucError(
        'MAPPING_FIELD_UNKNOWN',
        `${where}: "${field.name}" cannot be a field name: a letter, then letters, digits and underscores`,
      );
    }
    const shape = shapeOf(field.element, release, where);
    const transform = entry ? compileTransform(entry.transform, entry.column, where) : null;
    const isList = transform !== null && transform.list !== null;
    if (entry !== undefined && isList !== (field.isList ?? false)) {
      const [has, wants] = field.isList === true ? ['one value', 'a list'] : ['a list', 'one value'];
      throw new TrucError(
        'MAPPING_FIELD_LIST',
        `${where}: the transform makes ${has}, and the field ${field.name} of ${table.dataset} holds ${wants}`,
        {
          vi: `${where}: phép biến đổi tạo ${isList ? 'danh sách' : 'một giá trị'}, còn trường ${field.name} của ${table.dataset} chứa ${isList ? 'một giá trị' : 'danh sách'}`,
        },
      );
    }
    return {
      field: field.name,
      element: field.element,
      column: entry?.column ?? null,
      convert: valueConversion(shape, where),
      transform,
      shape,
    };
  });
  const identification = compileIdentification(table.identification, table.table, dataset.scheme);
  const codes = identification.codes.map((code): CodeField => {
    const element = code.element ?? null;
    const field = fields.find((one) =>
      element === null ? one.field === dataset.codeField : withoutVersion(one.element) === withoutVersion(element),
    );
    if (field === undefined) {
      const name = element ?? dataset.codeField;
      throw new TrucError('MAPPING_FIELD_UNKNOWN', `${table.table}: the code field ${name} is no field of ${table.dataset}`);
    }
    const entry = columnOf.get(field.field);
    const isSame = entry?.column === code.column && canonicalText(entry.transform) === code.transformText;
    const isText = field.shape.avroType === 'string' || field.shape.avroType === 'enum';
    return { field, isTakenFromField: identification.parent === null && isSame && isText, isFieldFilled: entry === undefined };
  });
  const { reads } = identification;
  if (dataset.keyIsCode && !(table.primaryKey.length === 1 && reads.length === 1 && reads[0] === table.primaryKey[0])) {
    throw new TrucError(
      'MAPPING_KEY_NOT_CODE',
      `${table.table}: ${table.dataset} says that the source's key is the code, but the key is (${table.primaryKey.join(', ')}) and the code comes from ${reads.join(', ')}`,
      {
        vi: `${table.table}: ${table.dataset} ghi rằng khóa của nguồn là mã, nhưng khóa là (${table.primaryKey.join(', ')}) còn mã lấy từ ${reads.join(', ')}`,
      },
    );
  }
  return new CompiledTable(table, dataset, identification, fields, codes);
}

function shapeOf(element: string, release: ElementShapes, where: string): ValueShape {
  const definition = release.element(element) ?? release.element(withoutVersion(element));
  const shape = definition && release.valueDomain(definition.valueDomain);
  if (!shape)
    throw new TrucError('MAPPING_ELEMENT_UNKNOWN', `${where}: the dictionary release has no element ${element}, or not its value domain`);
  return shape;
}

function withoutVersion(urn: string): string {
  return urn.replace(/@[^@]*$/, '');
}
