/** Days as `YYYY-MM-DD`; arithmetic in UTC, where every day has 24 hours. */

const dayMs = 86_400_000;

export function dayOf(year: number, month: number, day: number): string {
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

export function addDays(day: string, count: number): string {
  return new Date(Date.parse(day) + count * dayMs).toISOString().slice(0, 10);
}

export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / dayMs);
}

/** `2025-07-01` as `01/07/2025`. */
export function dayFirst(day: string): string {
  return day.split('-').reverse().join('/');
}
