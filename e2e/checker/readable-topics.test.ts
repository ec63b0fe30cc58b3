import type { PolicyEntry } from '@truc/coordination';
import { readableTopics } from './readable-topics.js';

describe('what a subscriber can read', () => {
  const policy = [
    { kind: 'agency', code: 'G01' },
    { kind: 'agency', code: 'G12.34' },
    { kind: 'dataset', topic: 'data.g01.x.v1', quarantineTopic: 'quarantine.g01.x' },
    { kind: 'dataset', topic: 'data.g12-34.y.v1', quarantineTopic: 'quarantine.g12-34.y' },
    { kind: 'view', id: 'a', topic: 'view.a' },
    { kind: 'view', id: 'b', topic: 'view.b' },
    { kind: 'contract', consumer: 'G12.34', viewId: 'a', validFrom: '2020-01-01', validTo: null },
    { kind: 'contract', consumer: 'G01', viewId: 'b', validFrom: '2020-01-01', validTo: null },
  ] as unknown as PolicyEntry[];

  it('are its views, what it publishes itself, what it is told and what it tells of itself', () => {
    expect(readableTopics(policy, 'G12.34').toSorted()).toEqual([
      'command.g12-34',
      'data.g12-34.y.v1',
      'notice.g12-34',
      'policy.common',
      'policy.g12-34',
      'quarantine.g12-34.y',
      'rejected.g12-34',
      'state.g12-34',
      'view.a',
    ]);
  });
});
