import { publishAgain } from './platform.js';

describe('publishing now and then', () => {
  it('begins again only when the last time has ended, which failing does not', async () => {
    const stopped = new AbortController();
    let [running, most, calls] = [0, 0, 0];
    const publish = async () => {
      most = Math.max(most, ++running);
      // Longer than the pause between two.
      await new Promise((resolve) => setTimeout(resolve, 20));
      running--;
      if (++calls === 1) throw new Error('away');
      if (calls === 3) stopped.abort();
      return { topicsCreated: [], published: [] };
    };
    const told: unknown[] = [];
    await publishAgain({ publish }, 1, { warn: (...line: unknown[]) => void told.push(line) }, stopped.signal);
    expect([most, calls, told.length]).toEqual([1, 3, 1]);
  });
});
