import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { loadTokenKey } from './token-key-file.js';

const freshPath = (): string => join(mkdtempSync(join(tmpdir(), 'truc-token-key-')), 'key.json');

describe('the token key', () => {
  it('is made once, for its owner only, however many ask at the same time', async () => {
    const path = freshPath();
    const keys = await Promise.all([loadTokenKey(path), loadTokenKey(path), loadTokenKey(path)]);
    expect(new Set(keys.map(({ keyId }) => keyId)).size).toBe(1);
    expect((await loadTokenKey(path)).keyId).toBe(keys[0]?.keyId);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('is never repeated by the error about it', async () => {
    const path = freshPath();
    const { privateJwk } = await loadTokenKey(path);
    const secret = String(privateJwk.d);
    const whole = readFileSync(path, 'utf8');
    for (const text of [secret, whole.slice(0, whole.indexOf(secret) + 20), whole.replace('"d":', '"e":')]) {
      writeFileSync(path, text);
      const error: unknown = await loadTokenKey(path).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'PLATFORM_TOKEN_KEY', message: expect.stringContaining(path) });
      expect(inspect(error, { depth: null })).not.toContain(secret.slice(0, 8));
    }
  });
});
