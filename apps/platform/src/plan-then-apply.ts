import type { ApplySession, CoordinationStore } from '@truc/coordination-store';
import { TrucError } from '@truc/kernel';
import { Refused } from './refused.js';

const attemptsMax = 5;

/**
 * Plans before the apply begins and not inside it, because an apply keeps all others waiting. Where what it was planned on has moved when its turn comes, it is planned again.
 * @throws TrucError COORDINATION_STORE_BUSY (retry) where it moves each time, and what `plan` and `work` throw
 */
export async function planThenApply<P, T>(
  store: Pick<CoordinationStore, 'revision' | 'apply'>,
  principal: string,
  plan: () => Promise<P>,
  work: (session: ApplySession, plan: P) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; attempt <= attemptsMax; attempt++) {
    const revision = await store.revision(principal);
    const made = await plan().catch(async (error: unknown) => {
      // Read while somebody else applied, it may have been refused for what never was.
      if (error instanceof Refused && (await store.revision(principal)) !== revision) return null;
      throw error;
    });
    if (made === null) continue;
    const done = await store.apply(principal, async (session) =>
      (await session.revision()) === revision ? { result: await work(session, made) } : null,
    );
    if (done !== null) return done.result;
  }
  throw new TrucError('COORDINATION_STORE_BUSY', 'others apply faster than this can be planned; apply again in a moment', { retry: true });
}
