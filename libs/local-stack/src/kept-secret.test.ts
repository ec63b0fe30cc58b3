import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freshSecret, keptSecret } from './kept-secret.js';

describe('a kept secret', () => {
  it('is made once and readable by its owner alone', () => {
    const directory = mkdtempSync(join(tmpdir(), 'truc-secret-'));
    const file = join(directory, 'password');
    const first = keptSecret(file, freshSecret);
    expect(first).toMatch(/^[\w-]{32}$/);
    expect(keptSecret(file, freshSecret)).toBe(first);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory)).toEqual(['password']);
    rmSync(directory, { recursive: true });
  });
});
