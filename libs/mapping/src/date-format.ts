import { TrucError } from '@truc/kernel';
import { daysOf, digitsAt, isoDateOf } from './calendar.js';
import { Fault, type Stepped } from './fault.js';

type Part = { readonly unit: 'year' | 'month' | 'day'; readonly width: 1 | 2 | 4 } | { readonly literal: string };

const tokens = /yyyy|MM?|dd?|[^A-Za-z0-9]+/y;

/** @throws TrucError MAPPING_DATE_FORMAT */
function parseFormat(format: string): readonly Part[] {
  const parts: Part[] = [];
  tokens.lastIndex = 0;
  while (tokens.lastIndex < format.length) {
    const token = tokens.exec(format)?.[0];
    if (token === undefined) break;
    if (token === 'yyyy') parts.push({ unit: 'year', width: 4 });
    else if (token.startsWith('M')) parts.push({ unit: 'month', width: token.length === 2 ? 2 : 1 });
    else if (token.startsWith('d')) parts.push({ unit: 'day', width: token.length === 2 ? 2 : 1 });
    else parts.push({ literal: token });
  }
  const units = parts.flatMap((part) => ('unit' in part ? [part.unit] : []));
  const isWhole =
    parts.reduce((length, part) => length + ('unit' in part ? (part.width === 4 ? 4 : part.width) : part.literal.length), 0) ===
    format.length;
  const isClear = parts.every((part, i) => !('unit' in part) || part.width !== 1 || !('unit' in (parts[i + 1] ?? { literal: '' })));
  if (!isWhole || !isClear || units.length !== 3 || new Set(units).size !== 3) {
    throw new TrucError(
      'MAPPING_DATE_FORMAT',
      `"${format}" is not a date format: write yyyy, MM (or M) and dd (or d) once each, with other signs between them, for example dd/MM/yyyy`,
      {
        vi: `"${format}" không phải dạng ngày: ghi yyyy, MM (hoặc M) và dd (hoặc d), mỗi thứ một lần, cách nhau bằng dấu khác, ví dụ dd/MM/yyyy`,
      },
    );
  }
  return parts;
}

/**
 * Reads dates in one of `formats` (the first that fits) and writes them as `YYYY-MM-DD`. `M` and `d` take one or two digits; there are no two-digit years, whose century would be a guess.
 * @throws TrucError MAPPING_DATE_FORMAT
 */
export function parseDate(formats: readonly string[], nullWhen: readonly string[]): (text: string) => Stepped {
  const compiled = formats.map(parseFormat);
  const absent = new Set(nullWhen);
  const fault = new Fault(`is not a date in the form ${formats.join(' or ')}`);
  return (text) => {
    if (absent.has(text)) return null;
    for (const parts of compiled) {
      const days = readDate(text, parts);
      if (days !== null) return isoDateOf(days) ?? fault;
    }
    return fault;
  };
}

function readDate(text: string, parts: readonly Part[]): number | null {
  let at = 0;
  const read = { year: 0, month: 0, day: 0 };
  for (const part of parts) {
    if ('literal' in part) {
      if (!text.startsWith(part.literal, at)) return null;
      at += part.literal.length;
      continue;
    }
    const width = part.width === 1 && digitsAt(text, at + 1, 1) >= 0 ? 2 : part.width;
    const value = digitsAt(text, at, width);
    if (value < 0) return null;
    read[part.unit] = value;
    at += width;
  }
  return at === text.length ? daysOf(read.year, read.month, read.day) : null;
}
