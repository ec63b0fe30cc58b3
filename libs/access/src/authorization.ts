import { TrucError } from '@truc/kernel';
import type { Principal } from './principal.js';

/** Longest header that is looked at. */
const headerCharsMax = 8192;

/**
 * Who an HTTP `Authorization` header speaks for: `Bearer <token>`, or Basic with the principal's name as user and its token as password, because clients of Confluent's registry know Basic only.
 * @param verify checks a token and tells whose it is
 * @throws TrucError ACCESS_CREDENTIALS_MISSING, ACCESS_TOKEN_INVALID, ACCESS_TOKEN_EXPIRED
 */
export async function principalFromAuthorization<P extends Principal>(
  header: string | undefined,
  verify: (token: string) => Promise<P>,
): Promise<P> {
  if (header === undefined || header === '') {
    throw new TrucError(
      'ACCESS_CREDENTIALS_MISSING',
      'credentials are needed: Bearer <token>, or Basic with the principal as user and its token as password',
    );
  }
  const [, scheme = '', credentials = ''] = /^([A-Za-z]+) +(\S+)$/.exec(header.slice(0, headerCharsMax)) ?? [];
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return verify(credentials);
    case 'basic': {
      const text = Buffer.from(credentials, 'base64').toString('utf8');
      const colon = text.indexOf(':');
      if (colon === -1) throw invalid('the Basic credentials are not name:token');
      const principal = await verify(text.slice(colon + 1));
      if (principal.name !== text.slice(0, colon)) throw invalid('the token belongs to another principal than the user name says');
      return principal;
    }
    default:
      throw invalid('the Authorization header is neither Bearer nor Basic');
  }
}

function invalid(message: string): TrucError {
  return new TrucError('ACCESS_TOKEN_INVALID', message);
}
