import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { matchesLock } from './locked-dependencies.mjs';

const root = resolve(import.meta.dirname, '../..');

describe('node_modules', () => {
  const locked = {
    '': { name: 'truc' },
    'libs/kernel': { version: '0.1.0' },
    'node_modules/@truc/kernel': { link: true },
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/a/node_modules/b': { version: '2.0.0', integrity: 'sha512-b' },
    'node_modules/only-elsewhere': { version: '1.0.0', optional: true, os: ['aix'] },
  };
  const leftOut = ['', 'node_modules/only-elsewhere'];
  const installed = Object.fromEntries(Object.entries(locked).filter(([path]) => !leftOut.includes(path)));

  it('that holds everything but the programs of other platforms matches the lockfile', () => {
    expect(matchesLock(locked, installed)).toBe(true);
  });

  it.each([
    ['is missing', null],
    ['lacks a package', { ...installed, 'node_modules/a': undefined }],
    ['has another version', { ...installed, 'node_modules/a': { version: '1.0.1', integrity: 'sha512-a' } }],
    ['has other content', { ...installed, 'node_modules/a/node_modules/b': { version: '2.0.0', integrity: 'sha512-x' } }],
    ['has a package too many', { ...installed, 'node_modules/c': { version: '1.0.0' } }],
  ])('that %s does not', (_case, found) => {
    expect(matchesLock(locked, found && JSON.parse(JSON.stringify(found)))).toBe(false);
  });
});

describe('package-lock.json', () => {
  // npm leaves a platform's program out when the registry of the moment does not have it, and "npm ci" then refuses the whole lockfile.
  it('locks the programs of every platform', () => {
    const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
    const names = new Set(Object.keys(packages).map((path) => path.split('node_modules/').at(-1)));
    const wanted = Object.values(packages).flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies));
    expect(wanted.filter((name) => !names.has(name))).toEqual([]);
  });
});
