import { whileHeld, type Lease } from './lease.js';

class TestLease implements Lease {
  isHeld = true;
  readonly listeners = new Set<() => void>();

  standBy(): Promise<string | null> {
    return Promise.resolve(this.isHeld ? null : 'taken');
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  lose(): void {
    this.isHeld = false;
    for (const listener of this.listeners) listener();
  }
}

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

describe('work under a lease', () => {
  it('ends when the lease is lost, and is to be tried again', async () => {
    const lease = new TestLease();
    const running = whileHeld(lease, new AbortController().signal, untilAborted);
    lease.lose();
    await expect(running).rejects.toMatchObject({ code: 'FLOW_LEASE_LOST', retry: true });
    expect(lease.listeners.size).toBe(0);
  });

  it('is lost, and nothing for a person, whatever the work met while another took over', async () => {
    const lease = new TestLease();
    const running = whileHeld(lease, new AbortController().signal, () => {
      lease.lose();
      return Promise.reject(new Error('a gap'));
    });
    await expect(running).rejects.toMatchObject({ code: 'FLOW_LEASE_LOST', retry: true });
  });

  it('is not begun without it', async () => {
    const lease = new TestLease();
    lease.isHeld = false;
    let isBegun = false;
    const running = whileHeld(lease, new AbortController().signal, async () => void (isBegun = true));
    await expect(running).rejects.toMatchObject({ code: 'FLOW_LEASE_LOST' });
    expect(isBegun).toBe(false);
  });

  it('ends in order when it is told to, and throws what the work throws', async () => {
    const lease = new TestLease();
    const stop = new AbortController();
    const running = whileHeld(lease, stop.signal, untilAborted);
    stop.abort();
    await running;
    await expect(whileHeld(lease, new AbortController().signal, () => Promise.reject(new Error('x')))).rejects.toThrow('x');
  });
});
