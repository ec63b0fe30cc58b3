import { SignJWT, UnsecuredJWT, exportJWK, generateKeyPair, importJWK, type CryptoKey } from 'jose';
import { principalFromAuthorization } from './authorization.js';
import type { Principal } from './principal.js';
import { generateTokenKey, signToken, verifyToken, type TokenKeyPair } from './token.js';

const nowMs = Date.UTC(2026, 10, 22);
const clock = { now: () => nowMs };
const integrator: Principal = { name: 'lan.tran', agency: 'G12.34', role: 'integrator' };

let key: TokenKeyPair;
let other: TokenKeyPair;
beforeAll(async () => {
  key = await generateTokenKey();
  other = await generateTokenKey();
});
const sign = (principal: Principal = integrator) => signToken(key.privateJwk, principal, { expiresInSeconds: 60, clock });

describe('a token', () => {
  it('tells whose it is', async () => {
    expect(await verifyToken([other.publicJwk, key.publicJwk], await sign(), clock)).toMatchObject(integrator);
    const platform: Principal = { name: 'distributor', agency: null, role: 'distributor' };
    expect(await verifyToken([key.publicJwk], await sign(platform), clock)).toMatchObject(platform);
  });

  it('is verified by any of several keys without a kid', async () => {
    const bare = ({ publicJwk: { kid: _, ...jwk } }: TokenKeyPair) => jwk;
    expect(await verifyToken([bare(other), bare(key)], await sign(), clock)).toMatchObject(integrator);
  });

  it('ends', async () => {
    const token = await sign();
    const at = (seconds: number) => verifyToken([key.publicJwk], token, { now: () => nowMs + seconds * 1000 });
    await expect(at(59)).resolves.toEqual({
      ...integrator,
      issuedAtSeconds: nowMs / 1000,
      goodUntilSeconds: nowMs / 1000 + 60 + 30,
    });
    await expect(at(60 + 31)).rejects.toMatchObject({ code: 'ACCESS_TOKEN_EXPIRED' });
  });

  it('of another key is refused, even when it names our key', async () => {
    const token = await signToken({ ...other.privateJwk, kid: key.keyId }, integrator, { expiresInSeconds: 60, clock });
    await expect(verifyToken([key.publicJwk], token, clock)).rejects.toMatchObject({ code: 'ACCESS_TOKEN_INVALID' });
    await expect(verifyToken([], await sign(), clock)).rejects.toMatchObject({ code: 'ACCESS_TOKEN_INVALID' });
  });

  it('without a signature is refused', async () => {
    const none = new UnsecuredJWT({ agency: null, role: 'administrator' })
      .setIssuer('truc')
      .setSubject('root')
      .setIssuedAt()
      .setExpirationTime('1h')
      .encode();
    await expect(verifyToken([key.publicJwk], none, clock)).rejects.toMatchObject({ code: 'ACCESS_TOKEN_INVALID' });
    const [header = '', payload = ''] = (await sign()).split('.');
    await expect(verifyToken([key.publicJwk], `${header}.${payload}.`, clock)).rejects.toMatchObject({ code: 'ACCESS_TOKEN_INVALID' });
  });

  it('of another algorithm is refused, the public key as an HMAC secret included', async () => {
    const claims = () =>
      new SignJWT({ agency: null, role: 'administrator' }).setIssuer('truc').setSubject('root').setIssuedAt().setExpirationTime('1h');
    const hmac = await claims()
      .setProtectedHeader({ alg: 'HS256', kid: key.keyId })
      .sign(Buffer.from(JSON.stringify(key.publicJwk)));
    const rsa = await generateKeyPair('ES256', { extractable: true });
    const ecdsa = await claims().setProtectedHeader({ alg: 'ES256' }).sign(rsa.privateKey);
    for (const token of [hmac, ecdsa]) {
      await expect(verifyToken([key.publicJwk], token, clock)).rejects.toMatchObject({ code: 'ACCESS_TOKEN_INVALID' });
    }
    await expect(verifyToken([await exportJWK(rsa.publicKey)], ecdsa, clock)).rejects.toMatchObject({ code: 'ACCESS_KEY_INVALID' });
  });

  it.each([
    ['no expiry', { role: 'reader' }, false],
    ['an unknown role', { role: 'god' }, true],
    ['an agent without an agency', { role: 'agent', agency: null }, true],
    ['a service with an agency', { role: 'platform', agency: 'G01' }, true],
    ['an agency that is none', { role: 'integrator', agency: 'g01' }, true],
  ])('of our key but with %s is refused', async (_, claims, expires) => {
    const token = new SignJWT(claims)
      .setProtectedHeader({ alg: 'EdDSA' })
      .setIssuer('truc')
      .setSubject('x')
      .setIssuedAt(nowMs / 1000);
    if (expires) token.setExpirationTime(nowMs / 1000 + 60);
    const signed = await token.sign((await importJWK(key.privateJwk, 'EdDSA')) as CryptoKey);
    await expect(verifyToken([key.publicJwk], signed, clock)).rejects.toMatchObject({ code: 'ACCESS_TOKEN_INVALID' });
  });

  it.each(['', 'x', 'a.b.c', '..', 'x'.repeat(5000)])('that is garbage is refused: %#', async (token) => {
    await expect(verifyToken([key.publicJwk], token, clock)).rejects.toMatchObject({ code: 'ACCESS_TOKEN_INVALID' });
  });
});

describe('the Authorization header', () => {
  const verify = (token: string) => verifyToken([key.publicJwk], token, clock);
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

  it('carries a token as Bearer or as Basic', async () => {
    const token = await sign();
    expect(await principalFromAuthorization(`Bearer ${token}`, verify)).toMatchObject(integrator);
    expect(await principalFromAuthorization(`bearer ${token}`, verify)).toMatchObject(integrator);
    expect(await principalFromAuthorization(basic(`lan.tran:${token}`), verify)).toMatchObject(integrator);
  });

  it('is refused under another name, scheme or shape', async () => {
    const token = await sign();
    for (const header of [basic(`agent.g01:${token}`), basic(token), `Digest ${token}`, token, 'Bearer', 'Bearer ']) {
      await expect(principalFromAuthorization(header, verify)).rejects.toMatchObject({ code: 'ACCESS_TOKEN_INVALID' });
    }
    await expect(principalFromAuthorization(undefined, verify)).rejects.toMatchObject({ code: 'ACCESS_CREDENTIALS_MISSING' });
  });
});
