import type { PolicyEntry } from '@truc/coordination';
import { checkedContract } from './checked-contract.js';

describe('the checked contract', () => {
  const dataset = { kind: 'dataset', name: 'population.resident', topic: 'data.r' };
  const view = (id: string, datasetTopic = 'data.r') => ({ kind: 'view', id, topic: `view.${id}`, datasetTopic });
  const contract = (viewId: string, database: string, of = 'population.resident') => ({
    kind: 'contract',
    dataset: of,
    viewId,
    target: { database, table: viewId },
  });
  const found = (...entries: object[]) => checkedContract(entries as PolicyEntry[]);

  it('is the one of the subscriber’s database on the dataset, whatever others there are', () => {
    const others = [contract('a', 'tax'), contract('b', 'social_insurance', 'units'), view('a'), view('b', 'data.u')];
    const checked = found(dataset, ...others, view('c'), contract('c', 'social_insurance'));
    expect(checked.topics).toEqual(['data.r', 'view.c']);
    expect(checked.contract?.target.table).toBe('c');
  });

  it('is missed where it was revoked: a topic that nobody can judge stands for it', () => {
    expect(found(dataset, view('a'), contract('a', 'tax'))).toMatchObject({ view: null, contract: null });
    expect(found(dataset).topics).toEqual(['data.r', 'the view of population.resident for social_insurance']);
  });
});
