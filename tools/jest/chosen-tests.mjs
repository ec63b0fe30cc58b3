// Which test files a run will take, as far as that can be told without jest's own machinery.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Matches the path of a test that needs PostgreSQL, Kafka or our own processes; every other one needs nothing. */
export const needsServers = /\.(pg|kafka|e2e|long)\.test\.ts$|\/e2e\/(?!.*node_modules|checker\/)/;

function testFiles(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'node_modules' || entry.name === 'dist') return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return testFiles(path);
    return /\.test\.(ts|mjs)$/.test(entry.name) ? [path] : [];
  });
}

/** False only when every test of the run certainly needs nothing; servers that nobody uses cost seconds, missing ones cost the run. */
export function runNeedsServers(root, globalConfig) {
  const { testPathPatterns, findRelatedTests, onlyChanged, runTestsByPath, watch, watchAll } = globalConfig;
  if (findRelatedTests || onlyChanged || runTestsByPath || watch || watchAll) return true;
  const patterns = (testPathPatterns?.patterns ?? []).map((pattern) => new RegExp(pattern, 'i'));
  const chosen = ['libs', 'apps', 'e2e', 'bench', 'tools']
    .flatMap((folder) => testFiles(join(root, folder)))
    .filter((path) => patterns.length === 0 || patterns.some((pattern) => pattern.test(path)));
  return chosen.length === 0 || chosen.some((path) => needsServers.test(path));
}
