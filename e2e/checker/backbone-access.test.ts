import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accessDirectory } from './backbone-access.js';

describe('a backbone that somebody else keeps', () => {
  const directory = mkdtempSync(join(tmpdir(), 'checker-access-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  it('is named where nothing was ever started, and where its configuration is not what it was', async () => {
    await expect(accessDirectory(directory)).rejects.toMatchObject({ code: 'CHECKER_BACKBONE_MISSING' });
    mkdirSync(join(directory, 'config'));
    for (const [text, why] of [
      ['{"port": "7"}', /port: /],
      ['{', /platform\.json/],
    ] as const) {
      writeFileSync(join(directory, 'config', 'platform.json'), text);
      const error: unknown = await accessDirectory(directory).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'CHECKER_BACKBONE_UNREADABLE', message: expect.stringMatching(why) });
      expect((error as Error).message).not.toContain('"code"');
    }
  });
});
