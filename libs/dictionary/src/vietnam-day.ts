import type { Clock } from '@truc/kernel';

const dayMs = 86_400_000;
/** Asia/Ho_Chi_Minh has been seven hours ahead of UTC, without summer time, since 1975. */
const offsetMs = 7 * 3_600_000;

/** The day in Viet Nam at this moment, in days since 1970-01-01 as Avro's `date` counts them. */
export function vietnamToday(clock: Clock): number {
  return Math.floor((clock.now() + offsetMs) / dayMs);
}

/** The day in Viet Nam of an instant in microseconds since the Unix epoch. */
export function vietnamDayOfMicros(micros: bigint): number {
  return Math.floor((Number(micros / 1000n) + offsetMs) / dayMs);
}

/** Rows that follow each other mostly ask for one day. */
let lastDay = Number.NaN;
let lastText = '';

/** `2026-03-01` for days since 1970-01-01; what lies outside of years 1 to 9999 is clamped to them. */
export function isoDateOfDays(days: number): string {
  if (days !== lastDay) {
    const clamped = Math.min(Math.max(days, -719_162), 2_932_896);
    lastText = new Date(clamped * dayMs).toISOString().slice(0, 10);
    lastDay = days;
  }
  return lastText;
}

/**
 * The year (proleptic Gregorian) of days since 1970-01-01, without a Date: the day is counted from 1 March of year 0, so that leap days end the years, in eras of 400 years
 * of 146,097 days. The algorithm is Howard Hinnant's `civil_from_days`.
 */
export function yearOfDays(days: number): number {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  // January and February, from day 306 on, belong to the next year.
  return era * 400 + yearOfEra + (dayOfYear >= 306 ? 1 : 0);
}
