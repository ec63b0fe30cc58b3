import {
  firstAdministrator,
  principalFromAuthorization,
  principalOfCertificate,
  verifyToken,
  type Principal,
  type ShownCertificate,
  type TokenHolder,
} from '@truc/access';
import { ByteBoundedCache, systemClock, TrucError, type Clock } from '@truc/kernel';
import { RegistryRefusal } from '@truc/registry';
import type { Telemetry } from '@truc/telemetry';
import type { JWK } from 'jose';
import type { RegistryPolicy } from './registry-policy.js';

/** Of verified credentials, in characters. */
const verifiedCharsMax = 1024 * 1024;

interface Verified {
  readonly holder: TokenHolder;
  /** The keys that it was verified by: with others it is verified again. */
  readonly keys: readonly JWK[];
}

/**
 * Finds out who calls: by the `Authorization` header, or, without one, by the certificate of its connection. A signature is verified once; whether its principal is still known, and its token or certificate still good,
 * is asked each time.
 */
export class CallerIdentity {
  readonly #policy: RegistryPolicy;
  readonly #telemetry: Telemetry;
  readonly #isOpen: boolean;
  readonly #clock: Clock;
  readonly #verified = new ByteBoundedCache<string, Verified>(verifiedCharsMax);

  /** @param isOpen everybody is the administrator */
  constructor(policy: RegistryPolicy, telemetry: Telemetry, isOpen: boolean, clock: Clock = systemClock) {
    this.#policy = policy;
    this.#telemetry = telemetry;
    this.#isOpen = isOpen;
    this.#clock = clock;
  }

  /** Who calls, where that is known already; null where it has to be found out. @param header `Authorization` @param certificate of the connection */
  known(header: string | undefined, certificate: ShownCertificate | null = null): Principal | null {
    if (this.#isOpen) return firstAdministrator;
    if (header === undefined) return certificate === null ? null : this.#namedNow(certificate);
    const holder = this.#verifiedHolder(header);
    return holder !== null && this.#policy.knowsNow(holder) ? holder : null;
  }

  /** @param header `Authorization` @param certificate of the connection @throws RegistryRefusal unauthorised, dictionaryNotLoaded */
  async of(header: string | undefined, certificate: ShownCertificate | null = null): Promise<Principal> {
    if (this.#isOpen) return firstAdministrator;
    const keys = this.#policy.tokenKeys();
    // Right after the start: a caller with a good token is not turned away for good, but asked to come again.
    if (keys.length === 0) {
      throw new RegistryRefusal('dictionaryNotLoaded', 'the registry has not read yet whose tokens are good; try again in a moment');
    }
    try {
      if (header === undefined && certificate !== null) return await this.#named(certificate);
      const known = header === undefined ? null : this.#verifiedHolder(header);
      const holder = known ?? (await principalFromAuthorization(header, (token) => verifyToken(keys, token, this.#clock)));
      if (!(await this.#policy.knows(holder)))
        throw new TrucError('ACCESS_TOKEN_INVALID', 'the principal of this token is not known here any more');
      if (known === null && header !== undefined) this.#verified.set(header, { holder, keys }, header.length);
      return holder;
    } catch (error) {
      this.#telemetry.record('truc_access_denied', 1, { role: 'unknown' });
      if (!(error instanceof TrucError)) throw error;
      throw new RegistryRefusal('unauthorised', error.message, { cause: error });
    }
  }

  async #named(certificate: ShownCertificate): Promise<Principal> {
    const { commonName } = certificate;
    const known = commonName === null || !certificate.isTrusted ? null : await this.#policy.named(commonName);
    return principalOfCertificate(certificate, known, this.#nowSeconds());
  }

  #namedNow(certificate: ShownCertificate): Principal | null {
    try {
      return principalOfCertificate(certificate, this.#policy.namedNow(certificate.commonName ?? ''), this.#nowSeconds());
    } catch {
      // Why not is told by who finds out.
      return null;
    }
  }

  #nowSeconds(): number {
    return this.#clock.now() / 1_000;
  }

  #verifiedHolder(header: string): TokenHolder | null {
    const verified = this.#verified.get(header);
    if (verified === undefined) return null;
    if (verified.keys === this.#policy.tokenKeys() && this.#clock.now() < verified.holder.goodUntilSeconds * 1_000) return verified.holder;
    this.#verified.delete(header);
    return null;
  }
}
