import type { Principal, Role } from './principal.js';
import type { TokenHolder } from './token.js';

/** The first administrator, who is there before anybody was made: whoever can read the key file is one. */
export const firstAdministrator: Principal = { name: 'administrator', agency: null, role: 'administrator' };
/** The platform's own calls. */
export const platformItself: Principal = { name: 'platform', agency: null, role: 'platform' };

/** Those whom the platform signs for without having made them; nobody may be made under their names. */
export const unmadePrincipals: readonly Principal[] = [firstAdministrator, platformItself];

/** What is kept of a principal who was made. */
export interface KnownPrincipal {
  readonly name: string;
  readonly agency: string | null;
  readonly role: Role | string;
  /** Seconds since 1970. A token from before it belonged to a predecessor of that name, who was removed. */
  readonly sinceSeconds: number;
}

/**
 * Whether the holder of a token with a good signature may still come in: a token runs longer than its principal may be there.
 * @param known what is kept under the holder's name now; null where nobody is
 */
export function isStillKnown(
  { name, agency, role, issuedAtSeconds }: Omit<TokenHolder, 'goodUntilSeconds'>,
  known: KnownPrincipal | null,
): boolean {
  const isSame = (other: Pick<KnownPrincipal, 'name' | 'agency' | 'role'>): boolean =>
    other.name === name && other.agency === agency && other.role === role;
  if (unmadePrincipals.some(isSame)) return true;
  return known !== null && isSame(known) && issuedAtSeconds >= known.sinceSeconds;
}
