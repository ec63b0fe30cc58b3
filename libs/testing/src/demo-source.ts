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

/** Units that the rows of the demo sources name: those in force, and two that were dissolved. */
export const demoUnits: Readonly<Record<string, string>> = {
  'administrative-units/communes.csv':
    'code,full_name,full_name_en,province_code,valid_from\n' +
    '00070,Phường Hoàn Kiếm,Hoan Kiem Ward,01,2025-07-01\n' +
    '26740,Phường Sài Gòn,Sai Gon Ward,79,2025-07-01\n' +
    '13285,Phường Phủ Lý,Phu Ly Ward,37,2025-07-01\n' +
    '24133,Phường Buôn Ma Thuột,Buon Ma Thuot Ward,66,2025-07-01\n',
  'administrative-units/pre-2025/communes.csv':
    'code,full_name,name_en,province_code\n00001,Phường Phúc Xá,Phuc Xa,01\n00073,Phường Cửa Nam,Cua Nam,01\n27139,Phường Bến Nghé,Ben Nghe,79\n',
};

/** Agency and datasets of a mapping, as its administrator and the platform's would write them. */
export function catalogueOf(mapping: string): { readonly path: string; readonly text: string } {
  const agency = /agency: (\S+)/.exec(mapping)?.[1] ?? '';
  const database = /database: (\S+)/.exec(mapping)?.[1] ?? '';
  const datasets = [...mapping.matchAll(/subject: (\S+)/g)].map(
    ([, subject]) => `---\ndataset: {name: ${database}.${subject}, agency: ${agency}, title: {vi: a, en: a}}\n`,
  );
  return { path: 'catalogue.yaml', text: `agency: {code: ${agency}, name: {vi: a, en: a}}\n${datasets.join('')}` };
}

/** The entry of a column that holds a line: from its `- column:` to the next one, as a person would take it out. */
export function withoutEntries(mapping: string, lines: readonly number[]): string {
  const text = mapping.split('\n');
  const isStart = (line: string | undefined): boolean => line === undefined || /^ {2}- table:|^ {6}- column:/.test(line);
  const out = new Set<number>();
  for (const line of lines) {
    let from = line - 1;
    while (!isStart(text[from])) from -= 1;
    if (!/^ {6}- column:/.test(text[from] ?? '')) throw new Error(`line ${line} lies in no entry of a column`);
    let to = from + 1;
    while (!isStart(text[to])) to += 1;
    for (let at = from; at < to; at += 1) out.add(at);
  }
  return text.filter((_, index) => !out.has(index)).join('\n');
}
