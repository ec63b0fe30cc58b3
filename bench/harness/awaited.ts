import { setTimeout as sleep } from 'node:timers/promises';
import { TrucError } from '@truc/kernel';

/** Asks again and again until the answer is true. @param what as in "BENCH_TIMEOUT: the agent did not ..." @throws TrucError BENCH_TIMEOUT; what `ask` throws; the signal's reason */
export async function awaited(what: string, ask: () => Promise<boolean>, signal: AbortSignal, limitMs = 120_000): Promise<void> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    signal.throwIfAborted();
    if (await ask()) return;
    if (performance.now() > deadline) throw new TrucError('BENCH_TIMEOUT', `${what} within ${Math.round(limitMs / 1000)} s`);
    await sleep(50, undefined, { signal });
  }
}
