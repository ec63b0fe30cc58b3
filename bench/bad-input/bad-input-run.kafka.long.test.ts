import { join } from 'node:path';
import { checkoutRoot, removeBackbone } from '@truc/local-stack';
import { uniqueTestName } from '@truc/testing';
import type { MeasuredInput } from './bad-input-result.js';
import { feedBadInput } from './bad-input-run.js';

/** Real processes of all apps, and a fifth of everything. All of it, and how long they stand still, is a matter of `npm run check:bad-input`. */
describe('what nobody should send', () => {
  // Paths of Unix sockets are short.
  const workDirectory = join(checkoutRoot, '.truc', 'test', `bad-${uniqueTestName().slice(-8)}`);
  let measured: readonly MeasuredInput[] = [];

  beforeAll(async () => {
    measured = await feedBadInput(
      { quick: true, workDirectory, every: 5, withCommands: false, settleMs: 0 },
      () => {},
      AbortSignal.timeout(480_000),
    );
  }, 500_000);
  afterAll(() => removeBackbone(workDirectory));

  it('is refused by name, rejected and counted, or borne, at every surface', () => {
    expect(measured.filter(({ isRight }) => !isRight)).toEqual([]);
    const surfaces = new Set(measured.map(({ surface }) => surface.split(' ')[0]));
    expect([...surfaces]).toEqual([
      'registry',
      'platform',
      'data',
      'view',
      'policy',
      'command',
      'reply',
      'source',
      'pgoutput',
      'quarantine',
      'state',
      'afterwards',
    ]);
  });

  it('takes no process down', () => {
    expect(measured.filter(({ down }) => down.length > 0)).toEqual([]);
  });
});
