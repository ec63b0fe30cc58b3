import fc from 'fast-check';
import { aclChanges, aclFromNumbers, aclNumbers, aclText, type BrokerAcl } from './broker-acl.js';

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

  it('end, for managed principals, exactly at what is wanted, and touch nobody else', () => {
    fc.assert(
      fc.property(fc.uniqueArray(acl, { selector: aclText }), fc.array(acl), (present, anything) => {
        const managed = ['User:a', 'User:b'];
        const wanted = anything.filter(({ principal }) => managed.includes(principal));
        const changes = aclChanges(present, wanted, managed);
        const deleted = new Set(changes.delete.map(aclText));
        const after = [...present.map(aclText).filter((text) => !deleted.has(text)), ...changes.create.map(aclText)].sort();
        const foreign = present.filter(({ principal }) => !managed.includes(principal)).map(aclText);
        expect(after).toEqual([...new Set([...wanted.map(aclText), ...foreign])].sort());
        expect(changes.create.filter((one) => present.some((other) => aclText(other) === aclText(one)))).toEqual([]);
      }),
    );
  });
});
