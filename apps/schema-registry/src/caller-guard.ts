import { createParamDecorator, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { may, type Action, type Principal } from '@truc/access';
import { agencySlug } from '@truc/kernel';
import { RegistryRefusal, subjectParts, type Caller } from '@truc/registry';
import type { Request } from 'express';
import { shownCertificate } from './caller-certificate.js';
import type { CallerIdentity } from './caller-identity.js';

type Called = Request & { principal?: Principal };

/** Lets in whom the identity knows and who may at least read, on every route. */
export class CallerGuard implements CanActivate {
  readonly #identity: CallerIdentity;

  constructor(identity: CallerIdentity) {
    this.#identity = identity;
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Called>();
    const principal = await this.#identity.of(request.headers.authorization, shownCertificate(request.socket));
    request.principal = principal;
    demand(principal, 'schemas.read');
    return true;
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
