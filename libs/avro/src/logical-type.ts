import type { LogicalType, PrimitiveType } from './avro-schema.js';

/** The logical type that the attributes of a type name; null where there is none or it does not fit the type, which the specification tells readers to ignore. */
export function logicalTypeOf(
  type: PrimitiveType | 'fixed',
  attributes: Readonly<Record<string, unknown>>,
  size: number,
): LogicalType | null {
  const kind = attributes['logicalType'];
  switch (kind) {
    case 'decimal':
      return type === 'bytes' || type === 'fixed' ? decimalOf(attributes, type === 'fixed' ? size : null) : null;
    case 'date':
    case 'time-millis':
      return type === 'int' ? { kind } : null;
    case 'time-micros':
    case 'timestamp-millis':
    case 'timestamp-micros':
    case 'local-timestamp-millis':
    case 'local-timestamp-micros':
      return type === 'long' ? { kind } : null;
    case 'uuid':
      return type === 'string' || (type === 'fixed' && size === 16) ? { kind } : null;
    case 'duration':
      return type === 'fixed' && size === 12 ? { kind } : null;
    default:
      return null;
  }
}

/** Digits of precision that are worked with: 1,000 is PostgreSQL's own limit for numeric(p,s). */
const precisionMax = 1000;

function decimalOf(attributes: Readonly<Record<string, unknown>>, size: number | null): LogicalType | null {
  const { precision, scale = 0 } = attributes;
  if (typeof precision !== 'number' || !Number.isInteger(precision) || precision < 1 || precision > precisionMax) return null;
  if (typeof scale !== 'number' || !Number.isInteger(scale) || scale < 0 || scale > precision) return null;
  if (size !== null && precision > Math.floor(Math.log10(2) * (8 * size - 1))) return null;
  return { kind: 'decimal', precision, scale };
}

/** The largest absolute unscaled value of a precision, plus one. */
export function decimalBound(precision: number): bigint {
  return 10n ** BigInt(precision);
}
