import type { PolicyEntry } from '@truc/coordination';
import fc from 'fast-check';
import { permissionText } from './broker-acls.js';
import { agency, contract, heartbeat, principal, view } from './given-policy.test-data.js';
import { wantedAccess, type WantedAccess } from './wanted-access.js';

const hourMs = 3_600_000;
const policyAgeMsMax = 24 * hourMs;
const people = [principal('broker-access', 'broker-access'), principal('agent.g12'), principal('distributor', 'distributor')];
const march = contract('c', 'G12', 'aa', '2026-03-01', '2026-03-31');
const base = [agency('G12'), agency('G01'), view('aa'), ...people];

const at = (iso: string, entries: readonly PolicyEntry[], ageMsMax = policyAgeMsMax): WantedAccess =>
  wantedAccess(entries, { nowMs: Date.parse(iso), policyAgeMsMax: ageMsMax });
const texts = ({ permissions }: WantedAccess): string[] => permissions.map(permissionText);
const reading = 'agent.g12 read topic literal view.aa';
const writing = 'agent.g12 write topic prefixed data.g12.';

describe('wanted access', () => {
  it('opens a view on the days of the contract, by the calendar in Viet Nam, and says when that changes', () => {
    const reads = (iso: string): boolean => texts(at(iso, [...base, march, heartbeat(iso)])).includes(reading);
    expect(reads('2026-02-28T16:59:59.999Z')).toBe(false);
    expect(reads('2026-02-28T17:00:00Z')).toBe(true);
    expect(reads('2026-03-31T16:59:59.999Z')).toBe(true);
    expect(reads('2026-03-31T17:00:00Z')).toBe(false);
    const before = at('2026-02-28T16:59:30Z', [...base, march, heartbeat('2026-02-28T16:59:30Z')]);
    expect(before.steadyUntilMs).toBe(Date.parse('2026-02-28T17:00:00Z'));
    expect([...before.withheldByDay]).toEqual([reading]);
  });

  it('takes reading by contract, and nothing else, from everybody once the platform has been silent for too long', () => {
    const entries = [...base, march, heartbeat('2026-03-05T00:00:00Z')];
    const last = at('2026-03-06T00:00:00Z', entries);
    expect(last).toMatchObject({ isPolicyOld: false, policyAgeMs: policyAgeMsMax, steadyUntilMs: Date.parse('2026-03-06T00:00:00.001Z') });
    const old = at('2026-03-06T00:00:00.001Z', entries);
    expect(old).toMatchObject({ isPolicyOld: true, policyAgeMs: policyAgeMsMax + 1 });
    expect(texts(last).filter((text) => !texts(old).includes(text))).toEqual([reading]);
    expect([...old.withheldByAge]).toEqual([reading]);
    expect(texts(old)).toContain(writing);
    expect(texts(old)).toContain('distributor read topic prefixed data.');
    expect(at('2026-03-06T00:01:00Z', [...base, march, heartbeat('2026-03-06T00:00:59Z')]).isPolicyOld).toBe(false);
  });

  it('takes a policy without a sign of life for an old one, and one from the future for a fresh one', () => {
    expect(at('2026-03-05T00:00:00Z', [...base, march])).toMatchObject({ isPolicyOld: true, policyAgeMs: null });
    expect(at('2026-03-05T00:00:00Z', [...base, march, heartbeat('2026-03-05T01:00:00Z')])).toMatchObject({ policyAgeMs: 0 });
  });

  it('gives nothing to whom the policy does not name, and says when it does not even name the keeper of access', () => {
    const entries = [...base, march, heartbeat('2026-03-05T00:00:00Z')];
    expect(texts(at('2026-03-05T00:00:00Z', entries)).filter((text) => text.startsWith('agent.g01 '))).toEqual([]);
    const without = entries.filter((entry) => entry.kind !== 'principal' || entry.name !== 'broker-access');
    expect(at('2026-03-05T00:00:00Z', entries).isWhole).toBe(true);
    expect(at('2026-03-05T00:00:00Z', without).isWhole).toBe(false);
  });

  it('stays the same until the moment that it names', () => {
    const day = fc.integer({ min: 0, max: 40 }).map((n) => new Date(Date.UTC(2026, 1, 20 + n)).toISOString().slice(0, 10));
    const moment = fc.integer({ min: Date.parse('2026-02-18T00:00:00Z'), max: Date.parse('2026-04-05T00:00:00Z') });
    const given = fc.record({ from: day, to: fc.option(day), now: moment, silentMs: fc.integer({ min: 0, max: 3 * policyAgeMsMax }) });
    fc.assert(
      fc.property(given, fc.double({ min: 0, max: 1, noNaN: true }), ({ from, to, now, silentMs }, share) => {
        const entries: PolicyEntry[] = [...base, contract('c', 'G12', 'aa', from, to), { kind: 'heartbeat', atMs: now - silentMs }];
        const wanted = wantedAccess(entries, { nowMs: now, policyAgeMsMax });
        expect(wanted.steadyUntilMs).toBeGreaterThan(now);
        const later = Math.min(wanted.steadyUntilMs - 1, now + Math.floor(share * (wanted.steadyUntilMs - now)));
        expect(texts(wantedAccess(entries, { nowMs: later, policyAgeMsMax }))).toEqual(texts(wanted));
      }),
    );
  });
});
