import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { z } from 'zod';
import { loadConfiguration } from './configuration.js';
import { secret } from './secret.js';

const schema = z.strictObject({ port: z.int(), database: z.strictObject({ password: secret }) });

function write(content: unknown): string {
  const path = join(mkdtempSync(join(tmpdir(), 'truc-configuration-')), 'app.json');
  writeFileSync(path, JSON.stringify(content));
  return path;
}

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
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

  it('looks a secret up again each time, so that another one needs no restart; a file that is away leaves the last', () => {
    const path = write({ port: 1, database: { password: { file: 'password' } } });
    const file = join(path, '..', 'password');
    writeFileSync(file, 'one');
    const { password } = loadConfiguration(schema, path, {}).database;
    writeFileSync(file, 'two\n');
    expect(password.reveal()).toBe('two');
    writeFileSync(file, '');
    expect(password.reveal()).toBe('two');
    rmSync(file);
    expect(password.reveal()).toBe('two');
    writeFileSync(file, 'three');
    expect(password.reveal()).toBe('three');
  });

  it('names every offending setting', () => {
    const path = write({ port: 'x', database: { password: 'in clear' }, typo: 1 });
    expect(() => loadConfiguration(schema, path, {})).toThrow(/port[\s\S]*database\.password[\s\S]*typo/);
  });

  it('repeats nothing of a file that is not JSON, in the message or behind it', () => {
    const path = write({});
    for (const text of ['{"password": hunter2}', 'hunter2', '{"a": "hunter2', '']) {
      writeFileSync(path, text);
      const error = thrownBy(() => loadConfiguration(schema, path, {}));
      expect(error).toMatchObject({ code: 'CONFIGURATION_UNREADABLE', message: expect.stringContaining(`${path} is not valid JSON`) });
      expect(inspect(error, { depth: null })).not.toContain('hunter2');
    }
  });

  it('says why a file cannot be read', () => {
    const error = thrownBy(() => loadConfiguration(schema, join(tmpdir(), 'truc-no-such-folder', 'app.json'), {}));
    expect(error).toMatchObject({ code: 'CONFIGURATION_UNREADABLE', message: expect.stringContaining('ENOENT') });
  });
});
