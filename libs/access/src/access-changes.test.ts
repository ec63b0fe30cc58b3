import fc from 'fast-check';
import { accessChanges, type PresentPermission } from './access-changes.js';
import { permissionText, type BrokerPermission } from './broker-acls.js';
import { agency, contract, heartbeat, principal, view } from './given-policy.test-data.js';
import { wantedAccess, type WantedAccess } from './wanted-access.js';

const people = [principal('broker-access', 'broker-access'), principal('agent.g12')];
const now = '2026-03-05T00:00:00Z';
const entries = [agency('G12'), view('aa'), contract('c', 'G12', 'aa', '2026-03-01', '2026-03-31'), ...people];
const at = (iso: string, given = [...entries, heartbeat(now)]): WantedAccess =>
  wantedAccess(given, { nowMs: Date.parse(iso), policyAgeMsMax: 86_400_000 });
const textsOf = (permissions: readonly PresentPermission[]): string[] =>
  permissions.map((one) => permissionText(one as BrokerPermission)).toSorted();
const byHand: PresentPermission = {
  principal: '*',
  resourceType: 'topic',
  patternType: 'literal',
  name: 'data.g01.x.v1',
  operation: 'all',
};
const nobody: ReadonlySet<string> = new Set();

describe('changes of access', () => {
  it('grant what is missing, withdraw what was made by hand, and leave the rest alone', () => {
    const wanted = at(now);
    const [first, ...missing] = wanted.permissions;
    const { grant, withdraw } = accessChanges([first!, byHand], wanted, nobody);
    expect(grant).toEqual(missing.map((permission) => ({ permission, reason: 'policy' })));
    expect(withdraw).toEqual([{ permission: byHand, reason: 'unknown' }]);
    expect(accessChanges(wanted.permissions, wanted, nobody)).toEqual({ grant: [], withdraw: [] });
  });

  it('say why', () => {
    const granted = at(now).permissions;
    const before = new Set(granted.map(permissionText));
    const reasons = (wanted: WantedAccess) =>
      accessChanges(granted, wanted, before).withdraw.map(
        ({ permission, reason }) => `${reason}: ${permission.principal} ${permission.name}`,
      );
    expect(reasons(at('2026-03-06T00:00:01Z'))).toEqual(['policy-old: agent.g12 view.aa']);
    expect(reasons(at('2026-04-02T00:00:00Z', [...entries, heartbeat('2026-04-02T00:00:00Z')]))).toEqual([
      'contract-not-in-force: agent.g12 view.aa',
    ]);
    const removed = reasons(at(now, [...entries.filter((entry) => entry !== people[1]), heartbeat(now)]));
    expect(removed.length).toBeGreaterThan(5);
    for (const reason of removed) expect(reason).toMatch(/^policy-changed: agent\.g12 /);
    expect(accessChanges([], at(now), before).grant.map(({ reason }) => reason)).toEqual(granted.map(() => 'was-taken'));
  });

  it('take nothing but reading by contract for a policy that is not whole', () => {
    const { permissions } = at(now);
    const { grant, withdraw } = accessChanges([...permissions, byHand], at(now, []), nobody);
    expect(grant).toEqual([]);
    expect(withdraw.map(({ permission }) => permission.name)).toEqual(['view.aa']);
  });

  it('end exactly at what is wanted, whatever was there', () => {
    const wanted = at(now);
    const some = fc.subarray([...wanted.permissions]);
    const strange = fc.uniqueArray(
      fc.record<PresentPermission>({
        principal: fc.constantFrom('agent.g12', 'agent.g01', '*', 'x'),
        resourceType: fc.constantFrom('topic', 'group', 'cluster'),
        patternType: fc.constantFrom('literal', 'prefixed'),
        name: fc.constantFrom('*', 'view.aa', 'policy.'),
        operation: fc.constantFrom('read', 'all', 'alter'),
      }),
      { selector: (one) => permissionText(one as BrokerPermission) },
    );
    fc.assert(
      fc.property(some, strange, (kept, extra) => {
        const there = new Map([...kept, ...extra].map((one) => [permissionText(one as BrokerPermission), one]));
        const { grant, withdraw } = accessChanges([...there.values()], wanted, nobody);
        for (const { permission } of withdraw) there.delete(permissionText(permission as BrokerPermission));
        for (const { permission } of grant) there.set(permissionText(permission), permission);
        expect(textsOf([...there.values()])).toEqual(textsOf(wanted.permissions));
      }),
    );
  });
});
