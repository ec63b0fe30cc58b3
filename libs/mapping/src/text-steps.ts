/** The operations that turn one text into another, each as a function that composes with the next. */
import { parseDate } from './date-format.js';
import { formatDecimal, parseDecimal, rescale } from './decimal-text.js';
import { Fault, type Stepped } from './fault.js';
import { jsonPath } from './json-path.js';
import { localDate } from './local-date.js';
import { parsePostgresArray } from './postgres-array.js';
import type { Operation } from './transform.js';

export type TextStep = (text: string) => Stepped;
export type TextOperation = Exclude<Operation, { op: 'when' | 'format' | 'each' }>;

/** @throws TrucError MAPPING_ZONE_UNKNOWN, MAPPING_DATE_FORMAT, MAPPING_JSON_PATH when the operation's settings mean nothing */
export function textStep(operation: TextOperation): TextStep {
  switch (operation.op) {
    case 'nfc':
      return (text) => text.normalize('NFC');
    case 'trim':
      return (text) => text.trim();
    case 'toString':
      return (text) => text;
    case 'toInt':
      return toInt;
    case 'digitsOnly':
      return (text) => text.replace(/[^0-9]+/g, '');
    case 'first':
      return first;
    case 'pointX':
      return point(0);
    case 'pointY':
      return point(1);
    case 'lpad':
      return leftPad(operation.length, operation.fill);
    case 'map':
      return mapValues(operation.values, operation.otherwise ?? 'error');
    case 'localDate':
      return localDate(operation.zone);
    case 'parseDate':
      return parseDate(operation.formats ?? [operation.format ?? ''], operation.nullWhen ?? []);
    case 'jsonPath':
      return jsonPath(operation.path);
    case 'scale': {
      const { scale, rounding = 'exact' } = operation;
      const notANumber = new Fault('is not a number');
      const inexact = new Fault(
        `has more than ${scale} decimal places; let the source round it, or choose another rounding in the mapping`,
      );
      return (text) => {
        const decimal = parseDecimal(text);
        if (decimal === null) return notANumber;
        const unscaled = rescale(decimal, scale, rounding);
        return unscaled === null ? inexact : formatDecimal(unscaled, scale);
      };
    }
  }
}

/** A text that is long enough already is left alone: cutting it would make another code of it. Lengths are in characters. */
function leftPad(length: number, fill: string): TextStep {
  return (text) => {
    const units = text.length;
    if (units >= length * 2) return text;
    let characters = units;
    for (let i = 0; i < units; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xdc00) characters--;
    return characters >= length ? text : fill.repeat(length - characters) + text;
  };
}

function mapValues(values: Readonly<Record<string, string | null>>, otherwise: 'keep' | 'error'): TextStep {
  const known = new Map(Object.entries(values));
  const fault = new Fault('is none of the values that the mapping knows');
  return (text) => {
    const mapped = known.get(text);
    if (mapped !== undefined) return mapped;
    return otherwise === 'keep' ? text : fault;
  };
}

const notAnArray = new Fault('is not an array');
const notFlat = new Fault('is an array of more than one dimension');

/** The first item that is there; null for an array without any. */
function first(text: string): Stepped {
  const items = parsePostgresArray(text);
  if (items === null) return notAnArray;
  for (const item of items) {
    if (Array.isArray(item)) return notFlat;
    if (item !== null) return item;
  }
  return null;
}

const notAnInteger = new Fault('is not a whole number');

function toInt(text: string): Stepped {
  const decimal = parseDecimal(text);
  const whole = decimal === null ? null : rescale(decimal, 0, 'exact');
  return whole === null ? notAnInteger : whole.toString();
}

const notAPoint = new Fault('is not a point');

function point(axis: 0 | 1): TextStep {
  return (text) => {
    const [, x, y] = /^\(([^(),]{1,40}),([^(),]{1,40})\)$/.exec(text) ?? [];
    const coordinate = axis === 0 ? x : y;
    return coordinate === undefined || parseDecimal(coordinate) === null ? notAPoint : coordinate;
  };
}
