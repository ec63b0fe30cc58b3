import type { RowItem, RowValue } from '@truc/kernel';
import type { TargetChange, TargetColumnType, TargetKey, TargetTable } from '@truc/pipeline';
import { sqlType } from './table-shape.js';

/** Days from 1970-01-01: 4714-11-24 BC to 5874897-12-31, what PostgreSQL's date holds. */
const DATE_MIN = -2_440_588;
const DATE_MAX = 2_145_042_905;
/** Microseconds from 1970: 4714-11-24 BC to 294276-12-31, what PostgreSQL's timestamptz holds. */
const TIMESTAMP_MIN = -210_866_803_200_000_000n;
const TIMESTAMP_MAX = 9_224_318_015_999_999_999n;
const INTEGER_MAX = 2 ** 31 - 1;
const BIGINT_MAX = 2n ** 63n - 1n;
const EPOCH_MAX = 2 ** 31 - 1;
const INDEX_MAX = 2 ** 32 - 1;

/** A b-tree entry of PostgreSQL holds at most a third of a page (about 2,700 bytes); the primary key has to fit whatever its content. */
const KEY_BYTES_MAX = 2_000;

/** Members of one list; a row is bounded in bytes long before. */
const LIST_ITEMS_MAX = 1_000_000;

function isList(value: RowValue): value is readonly RowItem[] {
  return Array.isArray(value);
}

/** Tells what is wrong with a value for its column, without the value itself; null when it fits. */
export type ValueCheck = (value: RowValue | undefined) => string | null;

function textProblem(text: string): string | null {
  if (text.includes('\0')) return 'text holds a NUL character, which PostgreSQL cannot store';
  return text.isWellFormed() ? null : 'text is not valid Unicode (a lone surrogate)';
}

function between(value: RowValue, min: number, max: number, type: string): string | null {
  if (typeof value !== 'number') return `a value of ${typeof value} is not one of ${type}`;
  return Number.isInteger(value) && value >= min && value <= max ? null : `a value is outside the range of ${type}`;
}

function betweenBig(value: RowValue, min: bigint, max: bigint, type: string): string | null {
  if (typeof value !== 'bigint') return `a value of ${typeof value} is not one of ${type}`;
  return value >= min && value <= max ? null : `a value is outside the range of ${type}`;
}

function checkPresent(type: TargetColumnType): (value: RowValue) => string | null {
  const sql = sqlType(type);
  switch (type.kind) {
    case 'text':
      return (value) => (typeof value === 'string' ? textProblem(value) : `a value of ${typeof value} is not one of text`);
    case 'boolean':
      return (value) => (typeof value === 'boolean' ? null : `a value of ${typeof value} is not one of boolean`);
    case 'integer':
      return (value) => between(value, -INTEGER_MAX - 1, INTEGER_MAX, sql);
    case 'date':
      return (value) => between(value, DATE_MIN, DATE_MAX, sql);
    case 'bigint':
      return (value) => betweenBig(value, -BIGINT_MAX - 1n, BIGINT_MAX, sql);
    case 'timestamp-micros':
      return (value) => betweenBig(value, TIMESTAMP_MIN, TIMESTAMP_MAX, sql);
    case 'list': {
      const checkItem = checkPresent(type.item);
      return (value) => {
        if (!isList(value)) return `a value of ${typeof value} is not one of ${sql}`;
        if (value.length > LIST_ITEMS_MAX) return `a list of ${value.length} items; at most ${LIST_ITEMS_MAX} are kept`;
        for (const item of value) {
          const problem = checkItem(item);
          if (problem !== null) return problem;
        }
        return null;
      };
    }
    case 'decimal': {
      const max = 10n ** BigInt(type.precision) - 1n;
      return (value) => betweenBig(value, -max, max, sql);
    }
    case 'double':
      return (value) => {
        if (typeof value !== 'number') return `a value of ${typeof value} is not one of double precision`;
        return Number.isFinite(value) ? null : 'a value is infinite or not a number, which no value domain allows';
      };
  }
}

export function compileValueCheck(type: TargetColumnType): ValueCheck {
  const check = checkPresent(type);
  return (value) => (value === undefined ? 'the field is missing' : value === null ? null : check(value));
}

function keyProblem({ scheme, code, row }: TargetKey): string | null {
  for (const part of [scheme, code, row]) {
    const problem = textProblem(part);
    if (problem !== null) return `key: ${problem}`;
  }
  const bytes = Buffer.byteLength(scheme) + Buffer.byteLength(code) + Buffer.byteLength(row);
  return bytes > KEY_BYTES_MAX ? `key: ${bytes} bytes; at most ${KEY_BYTES_MAX} fit into the primary key` : null;
}

function positionProblem({ position: { epoch, sequence, index } }: TargetChange): string | null {
  const fits =
    Number.isInteger(epoch) &&
    epoch >= 1 &&
    epoch <= EPOCH_MAX &&
    sequence >= 0n &&
    sequence <= BIGINT_MAX &&
    Number.isInteger(index) &&
    index >= 0 &&
    index <= INDEX_MAX;
  return fits ? null : 'position: outside its range';
}

/** Why the table cannot hold a change: `column: reason`, never a value; null when it can. Compiled once per table. */
export function compileChangeCheck(table: TargetTable): (change: TargetChange) => string | null {
  const columns = table.columns.map(({ name, type }) => ({ name, check: compileValueCheck(type) }));
  return (change) => {
    const problem = keyProblem(change.key) ?? positionProblem(change);
    if (problem !== null || change.kind === 'delete') return problem;
    for (const { name, check } of columns) {
      const reason = check(change.row[name]);
      if (reason !== null) return `${name}: ${reason}`;
    }
    return null;
  };
}
