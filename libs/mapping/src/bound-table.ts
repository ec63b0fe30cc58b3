import type { Row, RowValue } from '@truc/kernel';
import type { BoundChild } from './compiled-identification.js';
import { Fault } from './fault.js';
import { localDate } from './local-date.js';
import { unchanged, type RowReader, type SourceValues } from './row-steps.js';
import type { Converted } from './value-conversion.js';

/**
 * Why a field has no value though the source gave one. Carries no values. `V2`: it does not fit; `V1`: there is no code to be had, as where no parent is known; `TOAST`: the source left it
 * out.
 */
export interface MappingProblem {
  readonly rule: 'V1' | 'V2' | 'TOAST';
  readonly field: string;
  readonly element: string;
  /** The source column; the field's name where no column is named. */
  readonly column: string;
  readonly reason: string;
}

/** A row's place in its dataset: the text of the master-data code, and of the source key where that is another. */
export interface MappedKey {
  /** Scheme of the code; where a discriminator decides and no code applies, that of the dataset. */
  readonly scheme: string;
  /** Null where the source has none, or none that the mapping can read. */
  readonly code: string | null;
  /** Empty where the source's key is the code; else the primary key's columns as a JSON array of texts, without spaces. */
  readonly rowKey: string;
}

export interface MappedRow extends MappedKey {
  /** Every field of the dataset; null where there is no value or a problem. */
  readonly row: Row;
  /** `YYYY-MM-DD`: the day, in Viet Nam, that the row's codes apply to; null where the mapping names no column or the column has none. */
  readonly referenceDate: string | null;
  readonly problems: readonly MappingProblem[];
}

export interface FieldMapping {
  readonly field: string;
  readonly element: string;
  readonly column: string | null;
  readonly convert: (text: string) => Converted;
}

export type FieldReader = (values: SourceValues) => RowValue | Fault;

export interface BoundField extends FieldMapping {
  /** Null where the code itself fills the field. */
  readonly value: FieldReader | null;
}

export interface BoundCode {
  readonly scheme: string;
  readonly field: FieldMapping;
  readonly read: RowReader;
  /** True where the field's value is the code, so that it is read once. */
  readonly isTakenFromField: boolean;
  /** True where no column maps the field, and the code is its value. */
  readonly isFieldFilled: boolean;
}

export interface BoundTableParts {
  readonly fields: readonly BoundField[];
  /** Where there are several, at most one applies to a row. */
  readonly codes: readonly BoundCode[];
  /** Null where the code is in the row. */
  readonly child: BoundChild | null;
  readonly keyPlaces: readonly number[];
  readonly keyIsCode: boolean;
  readonly referenceDatePlace: number | null;
  readonly referenceDateColumn: string | null;
}

/** The day of a row is a day in Viet Nam, whatever zone the source's session prints times in. */
const dayInVietNam = localDate('Asia/Ho_Chi_Minh');
const noProblems: readonly MappingProblem[] = [];

/** A mapping joined to one relation. Throws nothing, whatever the values are. */
export class BoundTable {
  readonly #parts: BoundTableParts;
  /** The only code, or the one that the identification names. */
  readonly #code: BoundCode;
  readonly #hasSeveral: boolean;

  constructor(parts: BoundTableParts) {
    const [code] = parts.codes;
    if (code === undefined) throw new Error('unreachable: a table without a code');
    this.#parts = parts;
    this.#code = code;
    this.#hasSeveral = parts.codes.length > 1;
  }

  /** Maps a whole row; `values` are aligned with the columns that were bound. */
  map(values: SourceValues): MappedRow {
    const { fields, keyPlaces } = this.#parts;
    const row: Row = {};
    let problems: MappingProblem[] | null = null;
    const read = this.#code.isTakenFromField ? null : this.#code.read(values);
    for (const field of fields) {
      const value = field.value === null ? read : field.value(values);
      if (value instanceof Fault) {
        row[field.field] = null;
        (problems ??= []).push(problemOf(field, value));
      } else {
        row[field.field] = value;
      }
    }
    let isKeyLeftOut = read === unchanged && !this.#code.isFieldFilled;
    for (const place of keyPlaces) if (values[place] === undefined) isKeyLeftOut = true;
    if (isKeyLeftOut) (problems ??= []).push(this.#codeProblem(unchanged, null));
    let referenceDate = this.#referenceDate(values);
    if (referenceDate instanceof Fault) {
      (problems ??= []).push(this.#codeProblem(referenceDate, this.#parts.referenceDateColumn));
      referenceDate = null;
    }
    const { code, scheme } = this.#hasSeveral
      ? this.#codeOf(values)
      : { code: this.#code.isTakenFromField ? row[this.#code.field.field] : read, scheme: this.#code.scheme };
    return {
      row,
      scheme,
      code: typeof code === 'string' ? code : null,
      rowKey: this.#rowKey(values),
      referenceDate,
      problems: problems ?? noProblems,
    };
  }

  /** The key of a row of which only the key columns are known: deletes and old keys. */
  keyOf(values: SourceValues): MappedKey {
    const { scheme, code } = this.#codeOf(values);
    return { scheme, code, rowKey: this.#rowKey(values) };
  }

  /** Key of the parent that has the row's code, as `parentKeyOf` makes it; null where the row points nowhere, or the code is in the row itself. */
  parentKeyOf(values: SourceValues): string | null {
    return this.#parts.child?.keyOf(values) ?? null;
  }

  /** The key that the row would have if its parent had this text for its code. */
  keyUnder(values: SourceValues, parentCode: string): MappedKey {
    const code = this.#parts.child?.codeUnder(values, parentCode) ?? null;
    return { scheme: this.#code.scheme, code, rowKey: this.#rowKey(values) };
  }

  #codeOf(values: SourceValues): { scheme: string; code: string | null } {
    for (const { read, scheme } of this.#parts.codes) {
      const code = read(values);
      if (typeof code === 'string') return { scheme, code };
    }
    return { scheme: this.#code.scheme, code: null };
  }

  #rowKey(values: SourceValues): string {
    return this.#parts.keyIsCode ? '' : JSON.stringify(this.#parts.keyPlaces.map((place) => values[place] ?? null));
  }

  #referenceDate(values: SourceValues): string | null | Fault {
    const place = this.#parts.referenceDatePlace;
    if (place === null) return null;
    const text = values[place];
    if (text === undefined) return unchanged;
    return text === null ? null : dayInVietNam(text);
  }

  /** A problem of the row as a whole is told at its code. */
  #codeProblem(fault: Fault, column: string | null): MappingProblem {
    const { field } = this.#code;
    return problemOf({ ...field, column: column ?? field.column }, fault);
  }
}

function problemOf({ field, element, column }: FieldMapping, fault: Fault): MappingProblem {
  return { rule: fault === unchanged ? 'TOAST' : fault.rule, field, element, column: column ?? field, reason: fault.reason };
}
