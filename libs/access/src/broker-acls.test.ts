import { brokerAccessAcls, brokerAcls, type BrokerPermission } from './broker-acls.js';
import { agency, contract, view } from './given-policy.test-data.js';

/** What the broker would decide. */
function allows(acls: readonly BrokerPermission[], principal: string, operation: 'read' | 'write', topic: string): boolean {
  return acls.some(
    (acl) =>
      acl.principal === principal &&
      acl.resourceType === 'topic' &&
      acl.operation === operation &&
      (acl.patternType === 'literal' ? acl.name === topic : topic.startsWith(acl.name)),
  );
}

describe('brokerAcls', () => {
  const entries = [agency('G12'), agency('G12.34'), view('aa'), contract('c', 'G12', 'aa')];
  const acls = brokerAcls(entries, () => true);

  it.each([
    ['write', 'data.g12.population.resident.v1'],
    ['read', 'data.g12.population.resident.v1'],
    ['write', 'quarantine.g12.population.resident'],
    ['write', 'state.g12'],
    ['read', 'state.g12'],
    ['write', 'reply.g12'],
    ['read', 'command.g12'],
    ['read', 'policy.common'],
    ['read', 'policy.g12'],
    ['write', 'rejected.g12'],
    ['write', 'receipts'],
    ['read', 'view.aa'],
  ] as const)('lets an agent %s %s', (operation, topic) => expect(allows(acls, 'agent.g12', operation, topic)).toBe(true));

  it.each([
    ['write', 'data.g12-34.land.parcel.v1'],
    ['read', 'data.g12-34.land.parcel.v1'],
    ['read', 'data.g1.x.v1'],
    ['read', 'state.g12-34'],
    ['read', 'policy.g12-34'],
    ['write', 'policy.g12'],
    ['write', 'policy.common'],
    ['write', 'command.g12'],
    ['read', 'reply.g12-34'],
    ['write', 'view.aa'],
    ['read', 'view.aab'],
    ['read', 'receipts'],
    ['read', 'rejected.distributor'],
  ] as const)('does not let an agent %s %s', (operation, topic) => expect(allows(acls, 'agent.g12', operation, topic)).toBe(false));

  it('opens a view to the agencies of its contracts only', () => expect(allows(acls, 'agent.g12-34', 'read', 'view.aa')).toBe(false));

  it('opens a view for contracts that count only', () => {
    expect(
      allows(
        brokerAcls(entries, () => false),
        'agent.g12',
        'read',
        'view.aa',
      ),
    ).toBe(false);
    const counting = brokerAcls([...entries, contract('other', 'G12.34', 'aa')], ({ name }) => name === 'other');
    expect(allows(counting, 'agent.g12', 'read', 'view.aa')).toBe(false);
    expect(allows(counting, 'agent.g12-34', 'read', 'view.aa')).toBe(true);
  });

  it('opens no topic that a policy entry calls a view but is none', () => {
    const forged = [agency('G12'), view('aa', 'data.g01.population.resident.v1'), contract('c', 'G12', 'aa')];
    expect(
      allows(
        brokerAcls(forged, () => true),
        'agent.g12',
        'read',
        'data.g01.population.resident.v1',
      ),
    ).toBe(false);
  });

  it('gives the services what they need and nothing of each other', () => {
    expect(allows(acls, 'distributor', 'read', 'data.g12.x.v1')).toBe(true);
    expect(allows(acls, 'distributor', 'write', 'view.aa')).toBe(true);
    expect(allows(acls, 'distributor', 'write', 'data.g12.x.v1')).toBe(false);
    expect(allows(acls, 'distributor', 'read', 'quarantine.g12.x')).toBe(false);
    expect(allows(acls, 'general-database', 'read', 'data.g12.x.v1')).toBe(true);
    expect(allows(acls, 'general-database', 'write', 'receipts')).toBe(true);
    expect(allows(acls, 'general-database', 'write', 'view.aa')).toBe(false);
    expect(acls.filter(({ principal }) => principal === 'registry')).toEqual([
      { principal: 'registry', resourceType: 'topic', patternType: 'prefixed', name: 'policy.', operation: 'read' },
    ]);
  });

  it('lets only the service that keeps access change it, and lets it write nothing', () => {
    expect(acls.filter(({ operation }) => operation === 'alter')).toEqual([
      { principal: 'broker-access', resourceType: 'cluster', patternType: 'literal', name: 'kafka-cluster', operation: 'alter' },
    ]);
    const own = acls.filter(({ principal }) => principal === 'broker-access');
    expect(own).toEqual(brokerAccessAcls());
    expect(own.filter(({ operation }) => operation === 'write')).toEqual([]);
    expect(own.filter(({ resourceType }) => resourceType === 'topic').map(({ name }) => name)).toEqual(['policy.']);
  });

  it('ends every prefix with a dot', () => {
    for (const { patternType, name } of acls) expect(name.endsWith('.')).toBe(patternType === 'prefixed');
  });

  it('keeps groups and transactional ids below the own name', () => {
    const own = acls.filter(({ principal, resourceType }) => principal === 'agent.g12' && resourceType !== 'topic');
    expect(own).toEqual([
      { principal: 'agent.g12', resourceType: 'group', patternType: 'prefixed', name: 'agent.g12.', operation: 'read' },
      { principal: 'agent.g12', resourceType: 'transactional-id', patternType: 'prefixed', name: 'agent.g12.', operation: 'write' },
    ]);
  });
});
