import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { loadConfiguration, secret } from './configuration.js';

const schema = z.strictObject({ port: z.int(), database: z.strictObject({ password: secret }) });

function write(content: unknown): string {
  const path = join(mkdtempSync(join(tmpdir(), 'truc-configuration-')), 'app.json');
  writeFileSync(path, JSON.stringify(content));
  return path;
}

describe('configuration', () => {
  it('reads a secret from a file beside it and never prints it', () => {
    const path = write({ port: 1, database: { password: { file: 'password' } } });
    writeFileSync(join(path, '..', 'password'), 'hunter2\n');
    const configuration = loadConfiguration(schema, path, {});
    expect(configuration.database.password.reveal()).toBe('hunter2');
    expect(JSON.stringify(configuration)).not.toContain('hunter2');
  });

  it('reads a secret from the environment that it is given', () => {
    const path = write({ port: 1, database: { password: { env: 'PASSWORD' } } });
    expect(loadConfiguration(schema, path, { PASSWORD: 'x' }).database.password.reveal()).toBe('x');
    expect(() => loadConfiguration(schema, path, {})).toThrow(/PASSWORD is not set/);
  });

  it('names every offending setting', () => {
    const path = write({ port: 'x', database: { password: 'in clear' }, typo: 1 });
    expect(() => loadConfiguration(schema, path, {})).toThrow(/port[\s\S]*database\.password[\s\S]*typo/);
  });
});
