import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { needsServers, runNeedsServers } from './chosen-tests.mjs';

describe('the tests of a run', () => {
  const root = mkdtempSync(join(tmpdir(), 'truc-chosen-'));
  beforeAll(() => {
    for (const path of [
      'libs/a/src/x.test.ts',
      'libs/b/src/y.pg.test.ts',
      'apps/c/src/z.ts',
      'e2e/src/journey.test.ts',
      'bench/w.test.ts',
      'tools/t.test.mjs',
    ]) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), '');
    }
  });
  afterAll(() => rmSync(root, { recursive: true }));

  it.each([
    [[], true],
    [['libs/a'], false],
    [['tools'], false],
    [['libs/a', 'tools'], false],
    [['libs'], true],
    [['e2e'], true],
    [['no-such-test'], true],
  ])('%j need servers: %s', (patterns, expected) => {
    expect(runNeedsServers(root, { testPathPatterns: { patterns } })).toBe(expected);
  });

  it('need servers when jest chooses them by what changed', () => {
    expect(runNeedsServers(root, { testPathPatterns: { patterns: ['libs/a'] }, onlyChanged: true })).toBe(true);
  });

  it.each([
    ['/truc/libs/a/src/x.test.ts', false],
    ['/truc/libs/a/src/x.pg.test.ts', true],
    ['/truc/libs/a/src/x.kafka.test.ts', true],
    ['/truc/libs/a/src/x.long.test.ts', true],
    ['/truc/e2e/src/x.test.ts', true],
  ])('in %s need them: %s', (path, expected) => {
    expect(needsServers.test(path)).toBe(expected);
  });
});
