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

/** `2026-03-01` for days since 1970-01-01; what lies outside of years 1 to 9999 is clamped to them. */
export function isoDateOfDays(days: number): string {
  const clamped = Math.min(Math.max(days, -719_162), 2_932_896);
  return new Date(clamped * dayMs).toISOString().slice(0, 10);
}
