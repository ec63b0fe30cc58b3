import fc from 'fast-check';
import { aclFromNumbers, aclNumbers, aclOfListed, type BrokerAcl } from './broker-acl.js';

const acl: fc.Arbitrary<BrokerAcl> = fc.record({
  principal: fc.constantFrom('User:a', 'User:b', 'User:c'),
  resourceType: fc.constantFrom('topic', 'group', 'transactional-id', 'cluster'),
  patternType: fc.constantFrom('literal', 'prefixed'),
  name: fc.constantFrom('x', 'y'),
  operation: fc.constantFrom('read', 'write', 'describe', 'idempotent-write'),
});

describe('broker ACLs', () => {
  it('come back from their numbers', () => {
    fc.assert(fc.property(acl, (one) => expect(aclFromNumbers(one.principal, one.name, aclNumbers(one))).toEqual(one)));
  });

  it('are ours or foreign, and what is foreign is told in the words of Kafka', () => {
    fc.assert(
      fc.property(acl, (one) =>
        expect(aclOfListed({ principal: one.principal, name: one.name, host: '*', denies: false, numbers: aclNumbers(one) })).toEqual({
          ours: one,
        }),
      ),
    );
    const usual = {
      principal: 'User:a',
      name: 'x',
      host: '*',
      denies: false,
      numbers: { resourceType: 2, resourcePatternType: 3, operation: 3 },
    } as const;
    const foreign = (more: object) => {
      const told = aclOfListed({ ...usual, ...more });
      return 'foreign' in told ? `${told.foreign.operation} ${told.foreign.resourceType} ${told.foreign.patternType}` : 'ours';
    };
    expect(foreign({})).toBe('ours');
    expect(foreign({ host: '10.0.0.5' })).toBe('read topic literal');
    expect(foreign({ denies: true })).toBe('read topic literal');
    expect(foreign({ principal: 'Group:a' })).toBe('read topic literal');
    expect(foreign({ numbers: { ...usual.numbers, operation: 9 } })).toBe('cluster-action topic literal');
    expect(foreign({ numbers: { ...usual.numbers, resourceType: 6, operation: 99 } })).toBe('99 delegation-token literal');
  });
});
