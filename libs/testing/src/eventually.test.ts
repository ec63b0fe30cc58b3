import { eventually } from './eventually.js';

describe('eventually', () => {
  it('returns what the check returned once it no longer fails', async () => {
    let attempts = 0;
    const check = () => {
      attempts++;
      if (attempts < 3) throw new Error('not yet');
      return attempts === 3 ? (false as const) : attempts;
    };
    expect(await eventually(check, { intervalMs: 1 })).toBe(4);
  });

  it('tells what was still wrong when the time is over', async () => {
    const failing = eventually(() => Promise.reject(new Error('two rows are missing')), {
      timeoutMs: 20,
      intervalMs: 1,
      description: 'the copy',
    });
    await expect(failing).rejects.toThrow(/the copy did not come true within 20 ms.*two rows are missing/);
    await expect(eventually(() => false, { timeoutMs: 0 })).rejects.toThrow(/the check returned false/);
  });
});
