import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { demoSource, demoUnits, withoutEntries, type DemoSourceName } from '@truc/testing';
import type { CommandLine } from '../commands/command-line.test-data.js';
import { shippedDictionary } from '../schema/offline-policy.js';
import type { Assessment } from './assessment.js';

/** The shipped dictionary with the units that the demo sources name. @returns its directory */
export function dictionaryWithUnits(directory: string): string {
  const path = join(directory, 'dictionary');
  cpSync(shippedDictionary, path, { recursive: true });
  for (const [name, text] of Object.entries(demoUnits)) {
    const file = join(path, 'code-lists', name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return path;
}

/** The mapping of a demo source without the entries that its refusal names. @param refusal what `truc source assess` said of it as it is shipped */
export function cleanedMapping(name: DemoSourceName, refusal: string): string {
  const lines = [...refusal.matchAll(/^\S+:([0-9]+):[0-9]+ {2}MAPPING_/gm)].map(([, line]) => Number(line));
  return withoutEntries(demoSource(name).mapping, lines);
}

export async function assess(
  line: CommandLine,
  ...args: readonly string[]
): Promise<{ code: number; found: Assessment; out: string; err: string }> {
  const { code, out, err } = await line.run('source', 'assess', ...args, '-o', 'json');
  return { code, found: (out.startsWith('{') ? JSON.parse(out) : null) as Assessment, out, err };
}

/** `table column rule field reason rows`, one for each reason. */
export function reasonsOf({ datasets }: Assessment): string[] {
  return datasets
    .flatMap(({ table, findings }) =>
      findings.flatMap(({ rule, field, reasons }) =>
        Object.entries(reasons).map(([reason, rows]) => `${table} ${rule} ${field} ${reason} ${rows}`),
      ),
    )
    .toSorted();
}
