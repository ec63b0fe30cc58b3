import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutRoot } from '@truc/local-stack';
import { buildWithoutRules } from './rules-off.js';

const built = 'libs/pipeline/dist/dataset-capture.js';

describe('capture without the value rules', () => {
  const root = join(checkoutRoot, '.truc', 'bench', `test-${process.pid}`);
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it('can be built from the code as it is now', async () => {
    await buildWithoutRules(new AbortController().signal, root);
    const text = readFileSync(join(root, built), 'utf8');
    expect(text).toContain('} = judgedByNobody;');
    expect(text).not.toContain('this.#rules(mapped.row');
    expect(existsSync(join(root, 'apps/agent-node/dist/main.js'))).toBe(true);
  });

  it('is in no release: nothing that is built from the product knows of it', () => {
    const compiled = ['apps', 'libs'].flatMap((folder) =>
      readdirSync(join(checkoutRoot, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name.endsWith('.js') && !entry.parentPath.includes('node_modules'))
        .map((entry) => join(entry.parentPath, entry.name)),
    );
    expect(compiled.length).toBeGreaterThan(200);
    for (const path of compiled) expect([path, readFileSync(path, 'utf8').includes('judgedByNobody')]).toEqual([path, false]);
  });
});
