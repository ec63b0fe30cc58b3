import { TrucError, type RowItem } from '@truc/kernel';
import { parseClockTime, parseIsoDate } from './calendar.js';
import { parseDecimal, rescale } from './decimal-text.js';
import { Fault } from './fault.js';

/** What mapping has to know of a value domain: how its values are written in Avro. */
export interface ValueShape {
  readonly avroType: string;
  readonly logicalType?: string | null | undefined;
  readonly precision?: number | null | undefined;
  readonly scale?: number | null | undefined;
}

export type Converted = RowItem | Fault;

/** The conversion of texts: none. */
export const asItIs = (text: string): Converted => text;

/**
 * Text to the row value of a domain. What does not fit is a fault, never a nearby value.
 * @throws TrucError MAPPING_DOMAIN_UNSUPPORTED for a type that rows cannot hold
 */
export function valueConversion({ avroType, logicalType, precision, scale }: ValueShape, where: string): (text: string) => Converted {
  switch (`${avroType}/${logicalType ?? ''}`) {
    case 'string/':
    case 'enum/':
      return asItIs;
    case 'int/':
      return wholeNumber(-(2n ** 31n), 2n ** 31n - 1n, (value) => Number(value));
    case 'long/':
      return wholeNumber(-(2n ** 63n), 2n ** 63n - 1n, (value) => value);
    case 'int/date':
      return date;
    case 'long/timestamp-micros':
      return instant;
    case 'bytes/decimal':
      if (typeof precision === 'number') return decimal(precision, scale ?? 0);
      break;
    case 'float/':
    case 'double/':
      return float;
    case 'boolean/':
      return boolean;
    default:
  }
  const type = logicalType ? `${avroType} (${logicalType})` : avroType;
  throw new TrucError('MAPPING_DOMAIN_UNSUPPORTED', `${where}: rows cannot hold the type ${type} of this element's value domain`, {
    vi: `${where}: dòng dữ liệu không chứa được kiểu ${type} của miền giá trị của phần tử này`,
  });
}

const noWholeNumber = new Fault('is not a whole number');

function wholeNumber(minimum: bigint, maximum: bigint, make: (value: bigint) => number | bigint): (text: string) => Converted {
  const outside = new Fault(`is a whole number outside ${minimum} to ${maximum}`);
  return (text) => {
    if (!/^[+-]?[0-9]{1,40}$/.test(text)) return noWholeNumber;
    const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
    return value < minimum || value > maximum ? outside : make(value);
  };
}

const noDate = new Fault('is not a date (YYYY-MM-DD) between the years 1 and 9999; infinity and dates before Christ cannot be sent');

function date(text: string): Converted {
  return parseIsoDate(text) ?? noDate;
}

const noTime = new Fault('is not a time between the years 1 and 9999');
const noZone = new Fault('is a time without a zone, so its instant is unknown');

function instant(text: string): Converted {
  const time = parseClockTime(text);
  if (time === null) return noTime;
  if (time.offsetSeconds === null) return noZone;
  return BigInt(time.days * 86_400 + time.secondOfDay - time.offsetSeconds) * 1_000_000n + BigInt(time.micros);
}

function decimal(precision: number, scale: number): (text: string) => Converted {
  const noNumber = new Fault('is not a number');
  const tooFine = new Fault(`has more than ${scale} decimal places`);
  const tooLarge = new Fault(`has more than ${precision} digits at ${scale} decimal places`);
  const limit = 10n ** BigInt(precision);
  return (text) => {
    const parsed = parseDecimal(text);
    if (parsed === null) return noNumber;
    const unscaled = rescale(parsed, scale, 'exact');
    if (unscaled === null) return tooFine;
    return unscaled >= limit || unscaled <= -limit ? tooLarge : unscaled;
  };
}

const noFloat = new Fault('is not a finite number');

function float(text: string): Converted {
  if (text.length > 400 || !/^[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$/.test(text)) return noFloat;
  const value = Number(text);
  return Number.isFinite(value) ? value : noFloat;
}

const noBoolean = new Fault('is not a boolean');

function boolean(text: string): Converted {
  if (text === 't' || text === 'true') return true;
  return text === 'f' || text === 'false' ? false : noBoolean;
}
