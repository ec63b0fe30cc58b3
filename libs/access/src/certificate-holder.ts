import { TrucError } from '@truc/kernel';
import type { KnownPrincipal } from './known-principal.js';
import { parsePrincipal, type Principal } from './principal.js';

/** What a client showed when it connected with TLS. */
export interface ShownCertificate {
  /** Null where it has none, or several. */
  readonly commonName: string | null;
  /** Signed by an authority that is trusted for clients, and good when the connection was made. */
  readonly isTrusted: boolean;
  /** Seconds since 1970. */
  readonly validFromSeconds: number;
  readonly validToSeconds: number;
}

/** Authorities date certificates back, by up to an hour, for clocks that are behind. */
const backdatedSecondsMax = 3_600;

/**
 * Who a certificate speaks for. Its authority vouches for the name alone, which is its common name; agency and role are those under which that name is known. As with tokens, one from before its principal was made
 * belonged to a predecessor of that name; and nobody is the administrator or the platform by a certificate, who are signed for and never made.
 * @param known what is kept under the certificate's common name now; null where nobody is
 * @throws TrucError ACCESS_CERTIFICATE_UNTRUSTED, ACCESS_CERTIFICATE_EXPIRED, ACCESS_CERTIFICATE_UNKNOWN, ACCESS_CERTIFICATE_OLD
 */
export function principalOfCertificate(certificate: ShownCertificate, known: KnownPrincipal | null, nowSeconds: number): Principal {
  const { commonName, isTrusted, validFromSeconds, validToSeconds } = certificate;
  if (!isTrusted) {
    throw new TrucError(
      'ACCESS_CERTIFICATE_UNTRUSTED',
      'the certificate of this client is not of an authority that is trusted here, or is not good at this time',
    );
  }
  if (!(nowSeconds <= validToSeconds))
    throw new TrucError('ACCESS_CERTIFICATE_EXPIRED', 'the certificate of this client has expired: have a new one issued');
  if (commonName === null || known === null || known.name !== commonName) {
    throw new TrucError('ACCESS_CERTIFICATE_UNKNOWN', "the certificate's common name is not the name of a principal that is known here");
  }
  if (!(validFromSeconds + backdatedSecondsMax >= known.sinceSeconds)) {
    throw new TrucError('ACCESS_CERTIFICATE_OLD', 'the certificate is older than the principal of its name: have a new one issued');
  }
  return parsePrincipal(known);
}
