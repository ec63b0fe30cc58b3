import { hash } from 'node:crypto';
import type { Row, RowItem, RowValue } from '@truc/kernel';
import type { TargetColumnType } from '@truc/pipeline';

const LIMBS = 8;
const LIMB_RANGE = 2 ** 32;
/** Sums of this many limbs stay below 2^53, where numbers are exact; then the carries are moved up. */
const ADDITIONS_BEFORE_CARRY = 2 ** 20;

export interface FingerprintColumn {
  readonly name: string;
  readonly type: TargetColumnType;
}

/**
 * The canonical text of a row: for each field that is not null, in the order of the names' UTF-16 code units, one line `"name":value\n`.
 *
 * A name and a text are JSON strings as JSON.stringify writes them. An integer, a bigint, a date (days since 1970-01-01) and a timestamp (microseconds since the Unix epoch) are
 * decimal digits with an optional minus. A double is the shortest text that reads back as the same number, as ECMAScript's Number::toString writes it, so 0 and -0 are the same.
 * A decimal is its unscaled value, `e-` and the scale. A boolean is true or false. A list is its members between brackets, with commas between them.
 * A null field is left out, so that a column that was added later does not change the text of the rows that do not use it.
 */
export function compileRowText(columns: readonly FingerprintColumn[]): (row: Row) => string {
  const fields = [...columns]
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    .map(({ name, type }) => ({ name, label: JSON.stringify(name), write: valueText(type) }));
  return (row) => {
    let text = '';
    for (const { name, label, write } of fields) {
      const value = row[name];
      if (value !== null && value !== undefined) text += `${label}:${write(value)}\n`;
    }
    return text;
  };
}

function valueText(type: TargetColumnType): (value: RowValue) => string {
  switch (type.kind) {
    case 'text':
      return (value) => JSON.stringify(value);
    case 'list': {
      const write = valueText(type.item);
      return (value) => `[${(value as readonly RowItem[]).map(write).join(',')}]`;
    }
    case 'decimal':
      return (value) => `${String(value)}e-${type.scale}`;
    case 'integer':
    case 'bigint':
    case 'double':
    case 'boolean':
    case 'date':
    case 'timestamp-micros':
      return String;
  }
}

/**
 * Fingerprint of a set of rows in any order, computed on either side of the backbone from mapped rows: the sum modulo 2^256 of the SHA-256 of each row's canonical text,
 * taken as a big-endian number. Rows that are there twice count twice. Memory does not grow with the rows.
 */
export class RowFingerprint {
  readonly #text: (row: Row) => string;
  /** Most significant first; each below 2^32 after a carry. */
  readonly #sum = new Float64Array(LIMBS);
  #sinceCarry = 0;
  #rows = 0;

  constructor(columns: readonly FingerprintColumn[]) {
    this.#text = compileRowText(columns);
  }

  get rows(): number {
    return this.#rows;
  }

  add(row: Row): void {
    const digest = hash('sha256', this.#text(row), 'buffer');
    for (let limb = 0; limb < LIMBS; limb += 1) this.#sum[limb] = (this.#sum[limb] as number) + digest.readUInt32BE(limb * 4);
    this.#rows += 1;
    this.#sinceCarry += 1;
    if (this.#sinceCarry >= ADDITIONS_BEFORE_CARRY) this.#carry();
  }

  /** 64 lower-case hexadecimal digits; zeros for no rows. */
  digest(): string {
    this.#carry();
    return [...this.#sum].map((limb) => limb.toString(16).padStart(8, '0')).join('');
  }

  #carry(): void {
    let carry = 0;
    for (let limb = LIMBS - 1; limb >= 0; limb -= 1) {
      const sum = (this.#sum[limb] as number) + carry;
      carry = Math.floor(sum / LIMB_RANGE);
      this.#sum[limb] = sum - carry * LIMB_RANGE;
    }
    this.#sinceCarry = 0;
  }
}
