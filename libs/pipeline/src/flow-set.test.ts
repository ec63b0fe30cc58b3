import { TrucError } from '@truc/kernel';
import { FlowSet, type FlowPlan } from './flow-set.js';

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

describe('a set of flows', () => {
  it('starts what is new, begins anew what changed, ends what is withdrawn and leaves the others alone', async () => {
    const log: string[] = [];
    const plan = (name: string, from: unknown): FlowPlan => ({
      name,
      from,
      run: async (signal) => {
        log.push(`+${name}${JSON.stringify(from)}`);
        await untilAborted(signal);
        log.push(`-${name}`);
      },
    });
    const flows = new FlowSet();
    await flows.follow([plan('a', [1]), plan('b', [1])]);
    await flows.follow([plan('a', [1]), plan('b', [2]), plan('c', [1])]);
    await flows.follow([plan('a', [1]), plan('c', [1])]);
    expect(log).toEqual(['+a[1]', '+b[1]', '-b', '+b[2]', '+c[1]', '-b']);
    expect(Object.keys(flows.states())).toEqual(['a', 'c']);
    await flows.close();
    await flows.follow([plan('d', 1)]);
    expect(log.slice(6).toSorted()).toEqual(['-a', '-c']);
  });

  it('keeps the others running when one stops', async () => {
    const flows = new FlowSet();
    const states: string[] = [];
    await flows.follow([
      { name: 'bad', from: 1, run: () => Promise.reject(new TrucError('APPLY_FENCED', 'fenced')) },
      { name: 'good', from: 1, run: untilAborted },
    ]);
    while (flows.states()['bad']?.kind !== 'stopped') await new Promise((resolve) => setImmediate(resolve));
    states.push(flows.states()['good']?.kind ?? '');
    expect(states).toEqual(['running']);
    await flows.close();
  });
});
