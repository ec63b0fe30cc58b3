import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@truc/testing';
import { BrokerLog } from './broker-log.js';

describe('the log of a broker', () => {
  const directory = mkdtempSync(join(tmpdir(), 'truc-broker-log-'));
  const path = join(directory, 'kafka.log');
  const told: string[] = [];
  const log = new BrokerLog({ path, pollMs: 5, onLines: (lines) => told.push(...lines) });
  afterAll(async () => {
    await log.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('is followed from its end, line by line, through rotation and truncation', async () => {
    writeFileSync(path, 'before\n');
    log.start();
    // Whether the follower has come to the end cannot be seen from outside: it tells of the first line that is written after that.
    await eventually(() => {
      appendFileSync(path, 'first\n');
      expect(told).toContain('first');
    });
    expect(told).not.toContain('before');
    appendFileSync(path, 'ha');
    appendFileSync(path, 'lf\nnext\n');
    await eventually(() => expect(told.slice(-2)).toEqual(['half', 'next']));
    renameSync(path, `${path}.1`);
    await eventually(() => {
      writeFileSync(path, 'rotated\n');
      expect(told.at(-1)).toBe('rotated');
    });
    appendFileSync(path, 'a longer line, so that what follows is shorter\n');
    await eventually(() => expect(told.at(-1)).toMatch(/^a longer/));
    truncateSync(path);
    await eventually(() => {
      writeFileSync(path, 'cut\n');
      expect(told.at(-1)).toBe('cut');
    });
  });
});
