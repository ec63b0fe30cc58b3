import { TrucError } from './truc-error.js';

/** Why the other side of a line is not taken for who it says it is. */
export type TlsTroubleKind =
  /** Signed by nobody whom this process trusts. */
  | 'untrusted'
  | 'expired'
  | 'not-yet-valid'
  /** A good certificate, of another host. */
  | 'wrong-name'
  /** What answers does not speak TLS. */
  | 'not-offered'
  /** The other side does not take our certificate, or misses it. */
  | 'our-certificate';

export interface TlsTrouble {
  readonly kind: TlsTroubleKind;
  /** What happened and what to do, to follow the place and a colon. */
  readonly sentence: string;
}

const kinds: Readonly<Record<string, TlsTroubleKind>> = {
  UNABLE_TO_GET_ISSUER_CERT: 'untrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'untrusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'untrusted',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'untrusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'untrusted',
  CERT_SIGNATURE_FAILURE: 'untrusted',
  INVALID_CA: 'untrusted',
  CERT_UNTRUSTED: 'untrusted',
  CERT_HAS_EXPIRED: 'expired',
  CERT_NOT_YET_VALID: 'not-yet-valid',
  ERR_TLS_CERT_ALTNAME_INVALID: 'wrong-name',
  ERR_SSL_WRONG_VERSION_NUMBER: 'not-offered',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'not-offered',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'our-certificate',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'our-certificate',
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: 'our-certificate',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: 'our-certificate',
  'ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE': 'our-certificate',
};

const sentences: Readonly<Record<TlsTroubleKind, string>> = {
  untrusted:
    'its certificate is signed by nobody whom this process trusts. Name the file with the CA that signed it; if it is the right one, somebody else may be answering',
  expired: 'its certificate has expired. Whoever runs it renews it; nothing is to be changed here',
  'not-yet-valid': "its certificate is not valid yet. Compare this machine's clock with the other one's",
  'wrong-name':
    'its certificate is of another host. Connect by a name that stands in the certificate, or have that name put into it; somebody else may be answering',
  'not-offered': 'it does not speak TLS there. Turn TLS on at that port, or name the port that has it',
  'our-certificate':
    'it does not accept the certificate of this process, or asks for one. Name certificate and key, of a CA that it trusts',
};

export function tlsTrouble(kind: TlsTroubleKind): TlsTrouble {
  return { kind, sentence: sentences[kind] };
}

/** Told by the codes of Node's TLS, in the error or behind it, and never by text; null where TLS is not what went wrong. */
export function tlsTroubleOf(error: unknown): TlsTrouble | null {
  let current = error;
  for (let depth = 0; typeof current === 'object' && current !== null && depth < 8; depth++) {
    const code = 'code' in current && typeof current.code === 'string' ? current.code : '';
    const kind = kinds[code];
    if (kind !== undefined) return tlsTrouble(kind);
    current = 'cause' in current ? current.cause : null;
  }
  return null;
}

/**
 * The error of a room that met it. It is worth another attempt: certificates are renewed, and files put in place, while we wait.
 * @param room prefix of its code: `CAPTURE` makes CAPTURE_TLS_UNTRUSTED, CAPTURE_TLS_WRONG_NAME and so on
 * @param place who was asked: `PostgreSQL at db.agency:5432`
 */
export function tlsError(room: string, place: string, { kind, sentence }: TlsTrouble, cause: unknown): TrucError {
  return new TrucError(`${room}_TLS_${kind.toUpperCase().replaceAll('-', '_')}`, `${place} cannot be trusted with TLS: ${sentence}`, {
    retry: true,
    cause,
  });
}
