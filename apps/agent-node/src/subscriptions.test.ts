import type { ApplySubscription } from '@truc/pipeline';
import { subscriptionPlans } from './subscriptions.js';

const subscription = (topic: string, name: string) => ({ topic, table: { schema: 'shared', name } }) as unknown as ApplySubscription;

describe('flows of the subscriptions of a database', () => {
  it('are one for each view, and one that two contracts want in two tables says which of them to end', async () => {
    const applied: string[] = [];
    const target = { apply: ({ topic }: ApplySubscription) => Promise.resolve(void applied.push(topic)) };
    const plans = subscriptionPlans('tax', [subscription('view.a', 'a'), subscription('view.b', 'b'), subscription('view.b', 'c')], target);
    expect(plans.map(({ name }) => name)).toEqual(['target/tax/view.a', 'target/tax/view.b']);
    const never = new AbortController().signal;
    await plans[0]!.run(never);
    expect(applied).toEqual(['view.a']);
    // Neither a table nor a database can be changed under a contract that was applied, so nothing but its end is offered.
    await expect(plans[1]!.run(never)).rejects.toMatchObject({
      code: 'APPLY_TOPIC_TWICE',
      retry: false,
      message: expect.stringMatching(/view\.b.*end one of them by its validTo/) as string,
    });
  });
});
