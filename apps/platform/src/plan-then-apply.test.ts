import type { ApplySession, CoordinationStore } from '@truc/coordination-store';
import { planThenApply } from './plan-then-apply.js';
import { Refused } from './refused.js';

/** A store whose revision is a number; an apply is inside while `isInside`. */
class CountedStore {
  moved = 0;
  isInside = false;
  revision = () => Promise.resolve(String(this.moved));
  apply = (async (_principal: string, work: (session: ApplySession) => Promise<unknown>) => {
    this.isInside = true;
    try {
      return await work({ revision: this.revision } as unknown as ApplySession);
    } finally {
      this.isInside = false;
    }
  }) as CoordinationStore['apply'];
}

describe('an apply that is planned before', () => {
  it('is planned outside of the transaction, and again where what it was planned on has moved', async () => {
    const store = new CountedStore();
    const planned: number[] = [];
    const plan = () => {
      expect(store.isInside).toBe(false);
      planned.push(store.moved);
      if (planned.length < 3) store.moved++;
      return Promise.resolve(planned.length);
    };
    const result = await planThenApply(store, 'a', plan, (_session, made) => Promise.resolve([made, store.isInside]));
    expect(result).toEqual([3, true]);
    expect(planned).toEqual([0, 1, 2]);
  });

  it('gives up where it moves each time', async () => {
    const store = new CountedStore();
    const plan = () => Promise.resolve(store.moved++);
    await expect(planThenApply(store, 'a', plan, () => Promise.resolve())).rejects.toMatchObject({
      code: 'COORDINATION_STORE_BUSY',
      retry: true,
    });
    expect(store.moved).toBe(5);
  });

  it('is refused by what holds, not by what was read while somebody else applied', async () => {
    const store = new CountedStore();
    let attempts = 0;
    const plan = (moves: number) => () => {
      if (attempts++ < moves) store.moved++;
      return attempts <= moves || moves === 0 ? Promise.reject(new Refused([])) : Promise.resolve('plan');
    };
    await expect(planThenApply(store, 'a', plan(1), (_session, made) => Promise.resolve(made))).resolves.toBe('plan');
    await expect(planThenApply(store, 'a', plan(0), () => Promise.resolve())).rejects.toBeInstanceOf(Refused);
  });
});
