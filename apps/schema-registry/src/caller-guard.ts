import { createParamDecorator, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { firstAdministrator, may, principalFromAuthorization, verifyToken, type Action, type Principal } from '@truc/access';
import { agencySlug, TrucError } from '@truc/kernel';
import { RegistryRefusal, subjectParts, type Caller } from '@truc/registry';
import type { Telemetry } from '@truc/telemetry';
import type { Request } from 'express';
import type { RegistryPolicy } from './registry-policy.js';

type Called = Request & { principal?: Principal };

/** Finds out who calls, on every route; who was removed, or may not even read, gets no further. */
export class CallerGuard implements CanActivate {
  readonly #policy: RegistryPolicy;
  readonly #telemetry: Telemetry;
  readonly #isOpen: boolean;

  constructor(policy: RegistryPolicy, telemetry: Telemetry, isOpen: boolean) {
    this.#policy = policy;
    this.#telemetry = telemetry;
    this.#isOpen = isOpen;
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Called>();
    const principal = this.#isOpen ? firstAdministrator : await this.#identify(request.headers.authorization);
    request.principal = principal;
    demand(principal, 'schemas.read');
    return true;
  }

  async #identify(header: string | undefined): Promise<Principal> {
    // Right after the start: a caller with a good token is not turned away for good, but asked to come again.
    if (this.#policy.tokenKeys().length === 0) {
      throw new RegistryRefusal('dictionaryNotLoaded', 'the registry has not read yet whose tokens are good; try again in a moment');
    }
    try {
      const holder = await principalFromAuthorization(header, (token) => verifyToken(this.#policy.tokenKeys(), token));
      if (await this.#policy.knows(holder)) return holder;
      throw new TrucError('ACCESS_TOKEN_INVALID', 'the principal of this token is not known here any more');
    } catch (error) {
      this.#telemetry.record('truc_access_denied', 1, { role: 'unknown' });
      if (!(error instanceof TrucError)) throw error;
      throw new RegistryRefusal('unauthorised', error.message, { cause: error });
    }
  }
}

/** Parameter of a handler: who calls. */
export const CalledBy = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const { principal } = context.switchToHttp().getRequest<Called>();
  if (principal === undefined) throw new RegistryRefusal('unauthorised', 'credentials are needed');
  return principal;
});

export function callerOf({ name, agency }: Principal): Caller {
  return { name, agencySlug: agency === null ? null : agencySlug(agency) };
}

/**
 * @param subject what it is done to; without it the question is whether the role may do such a thing at all
 * @throws RegistryRefusal denied
 */
export function demand(principal: Principal, action: Action, subject?: string): void {
  const { agencySlug: own } = callerOf(principal);
  const isOwn = subject === undefined || (own !== null && subjectParts(subject).agencySlug === own);
  if (may(principal, action, { agency: isOwn ? principal.agency : null })) return;
  throw new RegistryRefusal(
    'denied',
    `User ${principal.name} (${principal.role}) is denied operation ${action}${subject === undefined ? '' : ` on ${subject}`}`,
  );
}
