import type { PolicyEntry } from '@truc/coordination';
import { brokerAcls, type BrokerPermission } from './broker-acls.js';

const bilingual = { vi: 'x', en: 'x' };
const agency = (code: string): PolicyEntry => ({ kind: 'agency', code, name: bilingual });
const view = (id: string, topic = `view.${id}`): PolicyEntry => ({
  kind: 'view',
  id,
  topic,
  dataset: 'population.resident',
  generation: 1,
  datasetTopic: 'data.g01.population.resident.v1',
  partitions: 2,
  scheme: 'personal-id',
  codeField: 'personalId',
  codeInClear: true,
  fields: [{ name: 'personalId', element: 'person.personal-id', role: 'source', protection: 'none', required: true }],
  valueSchema: '{}',
});
const contract = (name: string, consumer: string, viewId: string, validFrom: string, validTo: string | null): PolicyEntry => ({
  kind: 'contract',
  name,
  consumer,
  dataset: 'population.resident',
  generation: 1,
  viewId,
  purpose: bilingual,
  legalBasis: 'x',
  validFrom,
  validTo,
  target: { database: 'd', table: 't' },
});

const at = (iso: string) => ({ now: () => Date.parse(iso) });
const now = at('2026-11-22T05:00:00Z');

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
  const acls = brokerAcls([agency('G12'), agency('G12.34'), view('aa'), contract('c', 'G12', 'aa', '2026-01-01', null)], now);

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

  it('opens a view on the days of the contract, by the calendar in Vietnam', () => {
    const entries = [agency('G12'), view('aa'), contract('c', 'G12', 'aa', '2026-03-01', '2026-03-31')];
    const reads = (iso: string) => allows(brokerAcls(entries, at(iso)), 'agent.g12', 'read', 'view.aa');
    expect(reads('2026-02-28T16:59:59Z')).toBe(false);
    expect(reads('2026-02-28T17:00:00Z')).toBe(true);
    expect(reads('2026-03-31T16:59:59Z')).toBe(true);
    expect(reads('2026-03-31T17:00:00Z')).toBe(false);
  });

  it('opens no topic that a policy entry calls a view but is none', () => {
    const entries = [agency('G12'), view('aa', 'data.g01.population.resident.v1'), contract('c', 'G12', 'aa', '2026-01-01', null)];
    expect(allows(brokerAcls(entries, now), 'agent.g12', 'read', 'data.g01.population.resident.v1')).toBe(false);
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
