import { isDeepStrictEqual } from 'node:util';
import { TrucError } from '@truc/kernel';
import { FlowSet, type FlowPlan } from './flow-set.js';
import type { Lease } from './lease.js';

class TestLease implements Lease {
  readonly listeners = new Set<() => void>();
  isHeld = true;

  standBy(): Promise<string | null> {
    return Promise.resolve(this.isHeld ? null : 'another process runs this');
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  become(isHeld: boolean): void {
    this.isHeld = isHeld;
    for (const listener of [...this.listeners]) listener();
  }
}

async function untilStates(flows: FlowSet, states: Record<string, unknown>): Promise<void> {
  while (!isDeepStrictEqual(flows.states(), states)) await new Promise((resolve) => setImmediate(resolve));
}

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

  it('pauses and resumes by name, and keeps what is paused so when it begins anew', async () => {
    const flows = new FlowSet();
    const plan = (from: number): FlowPlan => ({ name: 'a', from, run: untilAborted });
    await flows.follow([plan(1)]);
    await flows.pause('a');
    await flows.follow([plan(2)]);
    await flows.pause('unknown');
    expect(flows.states()).toEqual({ a: { kind: 'paused' } });
    await flows.resume('a');
    expect(flows.states()).toEqual({ a: { kind: 'running' } });
    await flows.close();
  });

  it('begins anew what was stopped when it is resumed', async () => {
    const flows = new FlowSet();
    let isMended = false;
    const run = (signal: AbortSignal) => (isMended ? untilAborted(signal) : Promise.reject(new TrucError('FANOUT_STATE_INVALID', 'x')));
    await flows.follow([{ name: 'a', from: 1, run }]);
    while (flows.states()['a']?.kind !== 'stopped') await new Promise((resolve) => setImmediate(resolve));
    isMended = true;
    await flows.resume('a');
    while (flows.states()['a']?.kind !== 'running') await new Promise((resolve) => setImmediate(resolve));
    await flows.close();
  });

  it('runs its flows under the lease only, and under what a plan says beside it', async () => {
    const lease = new TestLease();
    const flows = new FlowSet({ lease, retryMs: 1, standByMs: 1 });
    await flows.follow([
      { name: 'free', from: 1, run: untilAborted },
      { name: 'read', from: 1, run: untilAborted, standBy: () => Promise.resolve('the slot is in use') },
    ]);
    const read = { kind: 'waiting', reason: 'the slot is in use' };
    await untilStates(flows, { free: { kind: 'running' }, read });
    lease.become(false);
    await untilStates(flows, { free: { kind: 'waiting', reason: 'another process runs this' }, read });
    lease.become(true);
    await untilStates(flows, { free: { kind: 'running' }, read });
    await flows.close();
  });

  it('looks anew, when the lease is back, at what stopped before another process held it, and leaves what is paused', async () => {
    const lease = new TestLease();
    const flows = new FlowSet({ lease, retryMs: 1, standByMs: 1 });
    let isMended = false;
    const run = (signal: AbortSignal) => (isMended ? untilAborted(signal) : Promise.reject(new TrucError('CAPTURE_SLOT_MISSING', 'x')));
    await flows.follow([
      { name: 'gap', from: 1, run },
      { name: 'held', from: 1, run },
    ]);
    const stopped = { kind: 'stopped', code: 'CAPTURE_SLOT_MISSING', reason: 'x' };
    await untilStates(flows, { gap: stopped, held: stopped });
    await flows.pause('held');
    lease.become(false);
    const held = { kind: 'paused' };
    await untilStates(flows, { gap: { kind: 'waiting', reason: 'another process runs this' }, held });
    isMended = true;
    lease.become(true);
    await untilStates(flows, { gap: { kind: 'running' }, held });
    await flows.close();
    expect(lease.listeners.size).toBe(0);
  });

  it('runs a flow under the lease of its plan, whatever becomes of that of another', async () => {
    const [mine, other] = [new TestLease(), new TestLease()];
    other.isHeld = false;
    const flows = new FlowSet({ retryMs: 1, standByMs: 1 });
    await flows.follow([
      { name: 'mine', from: 1, run: untilAborted, lease: mine },
      { name: 'other', from: 1, run: untilAborted, lease: other },
    ]);
    await untilStates(flows, { mine: { kind: 'running' }, other: { kind: 'waiting', reason: 'another process runs this' } });
    other.become(true);
    mine.become(false);
    await untilStates(flows, { mine: { kind: 'waiting', reason: 'another process runs this' }, other: { kind: 'running' } });
    await flows.close();
  });
});
