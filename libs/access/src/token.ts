import { systemClock, TrucError, type Clock } from '@truc/kernel';
import {
  calculateJwkThumbprint,
  decodeProtectedHeader,
  errors,
  exportJWK,
  generateKeyPair,
  importJWK,
  jwtVerify,
  SignJWT,
  type CryptoKey,
  type JWK,
} from 'jose';
import { parsePrincipal, type Principal } from './principal.js';

const issuer = 'truc';
/** EdDSA over Ed25519 only: what a token says of its own algorithm is never believed. */
const algorithm = 'EdDSA';
/** Clocks of two machines; a token is not refused for being a moment young, or old. */
const clockToleranceSeconds = 30;
/** Longest accepted token; ours have about 300 characters. */
const tokenCharsMax = 4096;

export interface TokenKeyPair {
  /** RFC 7638 thumbprint; also `kid` of both keys. */
  readonly keyId: string;
  readonly publicJwk: JWK;
  readonly privateJwk: JWK;
}

/** A new Ed25519 pair for signing tokens. */
export async function generateTokenKey(): Promise<TokenKeyPair> {
  const pair = await generateKeyPair(algorithm, { crv: 'Ed25519', extractable: true });
  const bare = await exportJWK(pair.publicKey);
  const keyId = await calculateJwkThumbprint(bare);
  return { keyId, publicJwk: { ...bare, kid: keyId }, privateJwk: { ...(await exportJWK(pair.privateKey)), kid: keyId } };
}

/**
 * A token that says who its bearer is, as JWT: `sub` is the name; `agency`, `role`, `iat`, `exp`.
 * @throws TrucError ACCESS_PRINCIPAL_INVALID, ACCESS_KEY_INVALID
 */
export async function signToken(
  privateJwk: JWK,
  principal: Principal,
  { expiresInSeconds, clock = systemClock }: { readonly expiresInSeconds: number; readonly clock?: Clock },
): Promise<string> {
  const { name, agency, role } = parsePrincipal(principal);
  const issuedAt = Math.floor(clock.now() / 1000);
  const header = privateJwk.kid === undefined ? { alg: algorithm } : { alg: algorithm, kid: privateJwk.kid };
  return new SignJWT({ agency, role })
    .setProtectedHeader(header)
    .setIssuer(issuer)
    .setSubject(name)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + Math.floor(expiresInSeconds))
    .sign(await importKey(privateJwk));
}

/** Who a token speaks for, and since when. */
export interface TokenHolder extends Principal {
  /** Seconds since 1970. */
  readonly issuedAtSeconds: number;
  /** Until when the token is taken, in seconds since 1970. */
  readonly goodUntilSeconds: number;
}

/**
 * @param publicJwks every key that may have signed; the token's `kid` chooses among those that have one
 * @throws TrucError ACCESS_TOKEN_INVALID, ACCESS_TOKEN_EXPIRED; neither repeats anything of the token
 */
export async function verifyToken(publicJwks: readonly JWK[], token: string, clock: Clock = systemClock): Promise<TokenHolder> {
  if (token.length > tokenCharsMax) throw invalid('the token is too long');
  for (const jwk of candidates(publicJwks, token)) {
    const key = await importKey(jwk);
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms: [algorithm],
        issuer,
        requiredClaims: ['sub', 'exp', 'iat', 'role'],
        currentDate: new Date(clock.now()),
        clockTolerance: clockToleranceSeconds,
      });
      const principal = parsePrincipal({ name: payload.sub, agency: payload['agency'] ?? null, role: payload['role'] });
      const { iat, exp } = payload as { iat: number; exp: number };
      return { ...principal, issuedAtSeconds: iat, goodUntilSeconds: exp + clockToleranceSeconds };
    } catch (error) {
      if (error instanceof errors.JWSSignatureVerificationFailed) continue;
      if (error instanceof errors.JWTExpired)
        throw new TrucError('ACCESS_TOKEN_EXPIRED', 'the token has expired: ask for a new one', { cause: error });
      throw invalid('the token is not one of ours', error);
    }
  }
  throw invalid('the token is not signed by a key of this backbone');
}

function candidates(publicJwks: readonly JWK[], token: string): readonly JWK[] {
  let keyId: string | undefined;
  try {
    keyId = decodeProtectedHeader(token).kid;
  } catch (error) {
    throw invalid('the token is not a JWT', error);
  }
  return publicJwks.filter(({ kid }) => keyId === undefined || kid === undefined || kid === keyId);
}

async function importKey(jwk: JWK): Promise<CryptoKey> {
  try {
    if (jwk.kty !== 'OKP' || jwk.crv !== 'Ed25519') throw new Error(`${jwk.kty} ${jwk.crv ?? ''} given`);
    return (await importJWK(jwk, algorithm)) as CryptoKey;
  } catch (cause) {
    throw new TrucError('ACCESS_KEY_INVALID', 'a token key must be an Ed25519 key as JWK (kty OKP, crv Ed25519)', { cause });
  }
}

function invalid(message: string, cause?: unknown): TrucError {
  return new TrucError('ACCESS_TOKEN_INVALID', message, { cause });
}
