import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Scenario } from './scenario.js';

/** Every scenario: each file of the folder `scenarios` exports one as `scenario`. By name. */
export async function allScenarios(): Promise<readonly Scenario[]> {
  const folder = join(import.meta.dirname, 'scenarios');
  const files = readdirSync(folder).filter((file) => /^[a-z-]+\.(js|ts)$/.test(file));
  const modules = await Promise.all(
    files.map(async (file) => (await import(pathToFileURL(join(folder, file)).href)) as { readonly scenario: Scenario }),
  );
  return modules.map(({ scenario }) => scenario).sort((a, b) => (a.name < b.name ? -1 : 1));
}
