/**
 * Dates and times as PostgreSQL prints them under DateStyle ISO, and back to numbers. Proleptic Gregorian calendar on both sides.
 *
 * Years outside 0001 to 9999, `infinity` and dates before Christ have no ISO text that every consumer reads, so they are never turned into a number here.
 */

/** A point of the calendar and the clock; `offsetSeconds` is null where the text carries no zone. */
export interface ClockTime {
  readonly days: number;
  readonly secondOfDay: number;
  readonly micros: number;
  readonly offsetSeconds: number | null;
}

const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** Days since 1970-01-01, or null if there is no such day in the years 1 to 9999. */
export function daysOf(year: number, month: number, day: number): number | null {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1) return null;
  const last = month === 2 && isLeapYear(year) ? 29 : (monthDays[month - 1] ?? 0);
  if (day > last) return null;
  // Years are counted from March, so that the leap day is the last of its year.
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468;
}

/** `YYYY-MM-DD` of a day number; null outside the years 1 to 9999. */
export function isoDateOf(days: number): string | null {
  if (days < -719_162 || days > 2_932_896) return null;
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1;
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

/** `length` decimal digits of `text` from `start` as a number; -1 if one of them is none. */
export function digitsAt(text: string, start: number, length: number): number {
  let value = 0;
  for (let i = start; i < start + length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (!(digit >= 0 && digit <= 9)) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** Day number of the `YYYY-MM-DD` at the start of `text`; null if there is none. */
function leadingDate(text: string): number | null {
  if (text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return null;
  return daysOf(digitsAt(text, 0, 4), digitsAt(text, 5, 2), digitsAt(text, 8, 2));
}

/** Day number of a whole `YYYY-MM-DD`. */
export function parseIsoDate(text: string): number | null {
  return text.length === 10 ? leadingDate(text) : null;
}

const clock = /^ ([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])(?:\.([0-9]{1,6}))?(?:([+-])([0-9]{2})(?::([0-5][0-9]))?(?::([0-5][0-9]))?)?$/;

/** Parses `timestamp` and `timestamp with time zone` text: `2025-06-30 23:30:00.5+07`. Offsets may have seconds, as local mean times do. */
export function parseClockTime(text: string): ClockTime | null {
  const days = leadingDate(text);
  if (days === null) return null;
  const match = clock.exec(text.slice(10));
  if (match === null) return null;
  const [, hour, minute, second, fraction, sign, offsetHours, offsetMinutes, offsetSeconds] = match;
  const offset = Number(offsetHours ?? 0) * 3600 + Number(offsetMinutes ?? 0) * 60 + Number(offsetSeconds ?? 0);
  return {
    days,
    secondOfDay: Number(hour) * 3600 + Number(minute) * 60 + Number(second),
    micros: fraction === undefined ? 0 : Number(fraction.padEnd(6, '0')),
    offsetSeconds: sign === undefined ? null : sign === '-' ? -offset : offset,
  };
}
