import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exclusively } from './exclusively.mjs';

describe('a step that one process does at a time', () => {
  const directory = mkdtempSync(join(tmpdir(), 'truc-exclusively-'));
  const folder = join(directory, 'step');
  afterAll(() => rmSync(directory, { recursive: true }));

  it('returns what it made, and lets go even when it fails', async () => {
    expect(await exclusively(folder, () => 7)).toBe(7);
    await expect(exclusively(folder, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(existsSync(folder)).toBe(false);
  });

  it('is taken over from a process that died', async () => {
    mkdirSync(folder);
    writeFileSync(join(folder, 'pid'), String(spawnSync('/bin/sh', ['-c', 'exit']).pid));
    expect(await exclusively(folder, () => 'mine')).toBe('mine');
  });

  it('never runs twice at once', async () => {
    const log = join(directory, 'log');
    const program = `
      import { appendFileSync } from 'node:fs';
      import { exclusively } from ${JSON.stringify(join(import.meta.dirname, 'exclusively.mjs'))};
      for (let i = 0; i < 5; i++) await exclusively(${JSON.stringify(folder)}, () => { appendFileSync(${JSON.stringify(log)}, 'in '); appendFileSync(${JSON.stringify(log)}, 'out '); });`;
    const codes = await Promise.all(
      [1, 2, 3].map(() => new Promise((done) => spawn(process.execPath, ['--input-type=module', '-e', program]).once('exit', done))),
    );
    expect(codes).toEqual([0, 0, 0]);
    expect(readFileSync(log, 'utf8')).toBe('in out '.repeat(15));
  });
});
