import type { Row, RowValue } from '@truc/kernel';
import { Fault, type Stepped } from './fault.js';
import { localDate } from './local-date.js';
import { unchanged, type SourceValues } from './row-steps.js';
import type { Converted } from './value-conversion.js';

/** Why a field has no value though the source gave one. Carries no values. `V2`: it does not fit; `TOAST`: the source left it out. */
export interface MappingProblem {
  readonly rule: 'V2' | 'TOAST';
  readonly field: string;
  readonly element: string;
  /** The source column; the field's name where no column is named. */
  readonly column: string;
  readonly reason: string;
}

/** A row's place in its dataset: the text of the master-data code, and of the source key where that is another. */
export interface MappedKey {
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

interface BoundField extends FieldMapping {
  readonly read: (values: SourceValues) => Stepped;
}

export interface BoundTableParts {
  readonly fields: readonly BoundField[];
  /** The field of the master-data code. */
  readonly code: FieldMapping;
  readonly readCode: (values: SourceValues) => Stepped;
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

  constructor(parts: BoundTableParts) {
    this.#parts = parts;
  }

  /** Maps a whole row; `values` are aligned with the columns that were bound. */
  map(values: SourceValues): MappedRow {
    const row: Row = {};
    let problems: MappingProblem[] | null = null;
    for (const field of this.#parts.fields) {
      const text = field.read(values);
      const value: RowValue | Fault = typeof text === 'string' ? field.convert(text) : text;
      if (value instanceof Fault) {
        row[field.field] = null;
        (problems ??= []).push(problemOf(field, value));
      } else {
        row[field.field] = value;
      }
    }
    const code = this.#parts.readCode(values);
    const referenceDate = this.#referenceDate(values);
    const isKeyLeftOut = code === unchanged || this.#parts.keyPlaces.some((place) => values[place] === undefined);
    if (isKeyLeftOut) (problems ??= []).push(this.#codeProblem(unchanged, null));
    if (referenceDate instanceof Fault) (problems ??= []).push(this.#codeProblem(referenceDate, this.#parts.referenceDateColumn));
    return {
      row,
      code: typeof code === 'string' ? code : null,
      rowKey: this.#rowKey(values),
      referenceDate: referenceDate instanceof Fault ? null : referenceDate,
      problems: problems ?? noProblems,
    };
  }

  /** The key of a row of which only the key columns are known: deletes and old keys. */
  keyOf(values: SourceValues): MappedKey {
    const code = this.#parts.readCode(values);
    return { code: typeof code === 'string' ? code : null, rowKey: this.#rowKey(values) };
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
    const { code } = this.#parts;
    return problemOf({ ...code, column: column ?? code.column }, fault);
  }
}

function problemOf({ field, element, column }: FieldMapping, fault: Fault): MappingProblem {
  return { rule: fault === unchanged ? 'TOAST' : 'V2', field, element, column: column ?? field, reason: fault.reason };
}
