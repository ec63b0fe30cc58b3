import { createParamDecorator, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { firstAdministrator, isStillKnown, may, principalFromAuthorization, verifyToken, type Action, type Principal } from '@truc/access';
import type { CoordinationStore, TokenKeyFile } from '@truc/coordination-store';
import { TrucError } from '@truc/kernel';
import type { Telemetry } from '@truc/telemetry';
import type { Request } from 'express';
import { principalPolicyOf } from './publication.js';

/** Finds out who calls. A principal who was removed is not let in with a token that still runs. */
export class CallerGuard implements CanActivate {
  readonly #key: TokenKeyFile;
  readonly #store: CoordinationStore;
  readonly #telemetry: Telemetry;
  readonly #isOpen: boolean;

  constructor(key: TokenKeyFile, store: CoordinationStore, telemetry: Telemetry, isOpen: boolean) {
    this.#key = key;
    this.#store = store;
    this.#telemetry = telemetry;
    this.#isOpen = isOpen;
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request & { caller?: Principal }>();
    request.caller = this.#isOpen ? firstAdministrator : await this.#identify(request);
    return true;
  }

  async #identify(request: Request): Promise<Principal> {
    try {
      const holder = await principalFromAuthorization(request.headers.authorization, (token) => verifyToken([this.#key.publicJwk], token));
      const row = await this.#store.principal(holder.name);
      if (isStillKnown(holder, row && principalPolicyOf(row))) return holder;
      throw new TrucError('ACCESS_TOKEN_INVALID', 'the principal of this token is not known here any more');
    } catch (error) {
      this.#telemetry.record('truc_access_denied', 1, { role: 'unknown' });
      throw error;
    }
  }
}

/** Parameter of a handler: who calls. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const { caller } = context.switchToHttp().getRequest<{ caller?: Principal }>();
  if (caller === undefined) throw new TrucError('ACCESS_CREDENTIALS_MISSING', 'credentials are needed');
  return caller;
});

/** @throws TrucError PLATFORM_ACCESS_DENIED */
export function demand(principal: Principal, action: Action, agency: string | null): void {
  if (may(principal, action, { agency })) return;
  const of = agency === null ? '' : ` of ${agency}`;
  throw new TrucError('PLATFORM_ACCESS_DENIED', `${principal.name} (${principal.role}) may not do this: ${action}${of}`);
}
