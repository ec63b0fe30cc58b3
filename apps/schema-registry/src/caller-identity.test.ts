import { generateTokenKey, signToken, type Principal, type TokenKeyPair } from '@truc/access';
import type { PolicyEntry } from '@truc/coordination';
import { createLogger, Telemetry } from '@truc/telemetry';
import { CallerIdentity } from './caller-identity.js';
import { GivenPolicy } from './given-policy.test-data.js';
import { RegistryPolicy } from './registry-policy.js';

const lan: Principal = { name: 'lan.tran', agency: 'G01', role: 'integrator' };
const known: PolicyEntry = { kind: 'principal', ...lan, sinceSeconds: 0 };

describe('who calls', () => {
  const telemetry = new Telemetry({ service: 'test', otlpEndpoint: null });
  let key: TokenKeyPair;
  let source: GivenPolicy;
  let identity: CallerIdentity;
  let nowMs: number;
  let header: string;
  const refused = expect.objectContaining({ reason: 'unauthorised' });

  beforeAll(async () => {
    key = await generateTokenKey();
  });
  beforeEach(async () => {
    nowMs = Date.UTC(2026, 10, 22);
    const clock = { now: () => nowMs };
    source = new GivenPolicy();
    source.arrive([known]);
    const policy = new RegistryPolicy(source, [key.publicJwk], createLogger('test', { level: 'silent' }));
    identity = new CallerIdentity(policy, telemetry, false, clock);
    header = `Bearer ${await signToken(key.privateJwk, lan, { expiresInSeconds: 60, clock })}`;
  });

  it('has to be found out once, and is known from then on', async () => {
    expect(identity.known(header)).toBeNull();
    expect(await identity.of(header)).toMatchObject(lan);
    expect(identity.known(header)).toMatchObject(lan);
    expect(identity.known(`${header}x`)).toBeNull();
    expect(identity.known(undefined)).toBeNull();
  });

  it('is not known by a token that has ended', async () => {
    await identity.of(header);
    nowMs += 89_000;
    expect(identity.known(header)).toMatchObject(lan);
    nowMs += 2_000;
    expect(identity.known(header)).toBeNull();
    await expect(identity.of(header)).rejects.toEqual(refused);
  });

  it('is not known any more once the principal is removed, or has a newer token', async () => {
    await identity.of(header);
    source.withdraw((entry) => entry === known);
    expect(identity.known(header)).toBeNull();
    await expect(identity.of(header)).rejects.toEqual(refused);
    source.arrive([{ ...known, sinceSeconds: nowMs / 1_000 + 1 }]);
    await expect(identity.of(header)).rejects.toEqual(refused);
  });

  it('is found out again when the keys are others', async () => {
    const next = await generateTokenKey();
    const entry: PolicyEntry = { kind: 'token-key', keyId: next.keyId, jwk: next.publicJwk as { kty: string } };
    source.arrive([entry]);
    const byNext = `Bearer ${await signToken(next.privateJwk, lan, { expiresInSeconds: 60, clock: { now: () => nowMs } })}`;
    await identity.of(byNext);
    source.withdraw((one) => one === entry);
    expect(identity.known(byNext)).toBeNull();
    await expect(identity.of(byNext)).rejects.toEqual(refused);
    expect(await identity.of(header)).toMatchObject(lan);
  });

  it('of a refused token is not remembered', async () => {
    await expect(identity.of('Bearer x')).rejects.toEqual(refused);
    expect(identity.known('Bearer x')).toBeNull();
  });
});
