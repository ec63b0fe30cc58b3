import { createHash } from 'node:crypto';

/** A record in the dictionary's terms, every value as text; what is null is left out. Days are `YYYY-MM-DD`, decimals have all the digits of their scale. */
export type PlainRecord = Readonly<Record<string, string | null>>;

/** SHA-256 of a record, the same however its fields are ordered; 64 hexadecimal digits. */
export function recordHash(record: PlainRecord): string {
  const fields = Object.entries(record)
    .filter(([, value]) => value !== null)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex');
}

/** The fields of `record` that have one of these names. */
export function selected(record: PlainRecord, names: readonly string[]): PlainRecord {
  return Object.fromEntries(names.map((name) => [name, record[name] ?? null]));
}
