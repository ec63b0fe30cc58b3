import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { changedSource, checkoutRoot } from '@truc/local-stack';
import { invariantNames } from './invariant-name.js';
import { allPlants } from './plant-catalogue.js';
import { buildPlanted } from './planted-build.js';
import { allScenarios } from './scenario-catalogue.js';

const plants = await allPlants();
const scenarios = await allScenarios();

function filesBelow(folder: string, ending: string): string[] {
  return readdirSync(join(checkoutRoot, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending) && !entry.parentPath.includes('node_modules'))
    .map((entry) => join(entry.parentPath, entry.name));
}

describe('planted bugs', () => {
  const trees = join(checkoutRoot, '.truc', 'planted', `test-${process.pid}`);
  afterAll(() => rmSync(trees, { recursive: true, force: true }));

  it('are at least eight, of different names, each with the invariant that must name it', () => {
    expect(plants.length).toBeGreaterThanOrEqual(8);
    expect(new Set(plants.map(({ name }) => name)).size).toBe(plants.length);
    for (const { caughtBy, scenario } of plants) {
      expect(invariantNames).toContain(caughtBy);
      expect(scenarios.find(({ name }) => name === scenario)?.invariants).toContain(caughtBy);
    }
    // A file that exports none, or names it otherwise, would be passed over.
    const files = readdirSync(join(import.meta.dirname, 'plants')).map((file) => file.replace(/\.ts$/, ''));
    expect(files.toSorted()).toEqual(plants.map(({ name }) => name));
  });

  it.each(plants.map((plant) => [plant.name, plant] as const))('%s fits the code as it is now, and builds', async (_, plant) => {
    const root = await buildPlanted(plant, join(trees, plant.name));
    for (const edit of plant.edits) {
      const source = readFileSync(join(checkoutRoot, edit.file), 'utf8');
      expect(readFileSync(join(root, edit.file), 'utf8')).toBe(changedSource(source, edit));
      const built = edit.file.replace('/src/', '/dist/').replace(/\.ts$/, '.js');
      expect(readFileSync(join(root, built), 'utf8')).not.toBe(readFileSync(join(checkoutRoot, built), 'utf8'));
    }
    expect(existsSync(join(root, 'apps', 'agent-node', 'dist', 'main.js'))).toBe(true);
  });

  it('are in no release: nothing that is built has one, and no source knows of them', () => {
    const built = ['apps', 'libs'].flatMap((folder) => filesBelow(folder, '.js')).map((path) => readFileSync(path, 'utf8'));
    expect(built.length).toBeGreaterThan(200);
    const replacements = plants.flatMap(({ edits }) => edits.map(({ replace }) => replace)).filter((text) => text.length > 20);
    expect(replacements.length).toBeGreaterThan(3);
    for (const text of built) for (const replacement of replacements) expect(text.includes(replacement)).toBe(false);
    // What a plant takes away is there in the source, as each of them stands in its file once.
    for (const path of ['apps', 'libs'].flatMap((folder) => filesBelow(folder, '.ts')).filter((path) => !path.includes('/dist/'))) {
      const text = readFileSync(path, 'utf8');
      expect([path, plants.filter(({ name }) => text.includes(name)).map(({ name }) => name)]).toEqual([path, []]);
      expect([path, /\.truc\/planted|e2e\/checker/.test(text)]).toEqual([path, false]);
    }
  });
});
