import { readFileSync } from 'node:fs';

/**
 * Simulated databases of three agencies as they have grown over the years: codes that lost their zeros, dates as text, arrays, jsonb, no primary key. Their mappings still have in them what has to be
 * refused.
 */
export const demoSourceNames = ['population', 'land', 'business-registration'] as const;
export type DemoSourceName = (typeof demoSourceNames)[number];

/** A row of `violations.sql`, as its remark tells it. */
export interface StatedViolation {
  /** `P1`. */
  readonly id: string;
  /** With the schema of the source: `dancu.cong_dan`. */
  readonly table: string;
  readonly column: string;
  /** Check rule, value domain or code list, in the remark's words. */
  readonly rule: string;
  readonly reason: string;
  /** The INSERT. */
  readonly sql: string;
}

export interface DemoSource {
  readonly name: DemoSourceName;
  /** DDL, then rows that conform once the transforms of the mapping are applied. */
  readonly schemaSql: string;
  readonly sampleSql: string;
  readonly mapping: string;
  readonly violations: readonly StatedViolation[];
}

const root = new URL('../demo-sources/', import.meta.url);

export function demoSource(name: DemoSourceName): DemoSource {
  const read = (file: string): string => readFileSync(new URL(`${name}/${file}`, root), 'utf8');
  const mapping = read('mapping.yaml');
  const schema = /^ {2}schema: (\S+)$/m.exec(mapping)?.[1] ?? '';
  const stated = /^-- ([A-Z][0-9]+) \| ([a-z_]+)\.([a-z_]+) \| ([^|\n]+) \| ([^\n]+)\n(INSERT [^\n]+;)$/gm;
  const violations = [...read('violations.sql').matchAll(stated)].map(([, id, table, column, rule, reason, sql]) => ({
    id: id ?? '',
    table: `${schema}.${table}`,
    column: column ?? '',
    rule: rule?.trim() ?? '',
    reason: reason?.trim() ?? '',
    sql: sql ?? '',
  }));
  return { name, schemaSql: read('schema.sql'), sampleSql: read('sample.sql'), mapping, violations };
}
