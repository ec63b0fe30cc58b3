import { join } from 'node:path';
import { checkoutRoot, removeBackbone } from '@truc/local-stack';
import { uniqueTestName } from '@truc/testing';
import type { MeasuredInput } from './bad-input-result.js';
import { feedBadInput } from './bad-input-run.js';

/** Real processes of all apps. How long they stand still is measured by `npm run check:bad-input` and not here. */
describe('what nobody should send', () => {
  // Paths of Unix sockets are short.
  const workDirectory = join(checkoutRoot, '.truc', 'test', `bad-${uniqueTestName().slice(-8)}`);
  let measured: readonly MeasuredInput[] = [];

  beforeAll(async () => {
    measured = await feedBadInput({ quick: true, workDirectory, withCommands: false, settleMs: 0 }, () => {}, AbortSignal.timeout(280_000));
  }, 300_000);
  afterAll(() => removeBackbone(workDirectory));

  it('is refused by name, rejected and counted, or borne, at every surface', () => {
    expect(measured.filter(({ isRight }) => !isRight)).toEqual([]);
    const surfaces = new Set(measured.map(({ surface }) => surface.split(' ')[0]));
    expect([...surfaces]).toEqual(['registry', 'platform', 'data', 'policy', 'command', 'reply', 'receipts', 'source', 'afterwards']);
  });

  it('takes no process down', () => {
    expect(measured.filter(({ down }) => down.length > 0)).toEqual([]);
  });
});
