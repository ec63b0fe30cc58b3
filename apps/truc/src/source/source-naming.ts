import { UsageError } from '../exit-code.js';

/** What documents call a database: as it was named, else made of PostgreSQL's own name for it. @throws UsageError where somebody names it as documents cannot */
export function databaseName(name: string, isGiven: boolean): string {
  if (/^[a-z][a-z0-9_-]{0,62}$/.test(name)) return name;
  if (isGiven) throw new UsageError(`--name takes small letters, digits, - and _, and begins with a letter, not "${name}"`);
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]/g, '_')
    .replace(/^[^a-z]+/, '');
  return plain === '' ? 'source' : plain.slice(0, 63);
}

/** The schema that most tables are in. */
export function commonSchema(tables: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const table of tables) {
    const schema = table.slice(0, table.indexOf('.'));
    counts.set(schema, (counts.get(schema) ?? 0) + 1);
  }
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? 'public';
}
