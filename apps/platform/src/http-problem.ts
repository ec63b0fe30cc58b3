import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { messageOf, TrucError } from '@truc/kernel';
import type { Principal } from '@truc/access';
import type { Logger, Telemetry } from '@truc/telemetry';
import type { Request, Response } from 'express';

/** What an error means over HTTP, by its code; everything else that is ours is 503 where trying again may help, and 500 where not. */
const statusOf: Readonly<Record<string, number>> = {
  ACCESS_CREDENTIALS_MISSING: 401,
  ACCESS_TOKEN_INVALID: 401,
  ACCESS_TOKEN_EXPIRED: 401,
  PLATFORM_ACCESS_DENIED: 403,
  ACCESS_PRINCIPAL_INVALID: 400,
  PLATFORM_REQUEST_INVALID: 400,
  PLATFORM_NOT_FOUND: 404,
  PLATFORM_DOCUMENTS_TOO_COSTLY: 413,
  PLATFORM_NAME_TAKEN: 409,
  PLATFORM_PROPOSAL_ENDED: 409,
  PLATFORM_OBJECTIONS_STAND: 409,
  PLATFORM_PROPOSALS_TOO_MANY: 409,
  PLATFORM_AGENT_SILENT: 504,
  PLATFORM_NOT_READY: 503,
};

/** Paths are the caller's own words. */
const pathCharsMax = 200;

/** Answers every error as `{code, message}`. What is not ours is logged by its kind and place and told in general. */
@Catch()
export class HttpProblem implements ExceptionFilter {
  readonly #log: Logger;
  readonly #telemetry: Telemetry | null;

  /** @param telemetry counts callers who were known and may not do what they wanted; who was not known is counted where that is found out */
  constructor(log: Logger, telemetry: Telemetry | null = null) {
    this.#log = log;
    this.#telemetry = telemetry;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    if (error instanceof TrucError) {
      const status = statusOf[error.code] ?? (error.retry ? 503 : 500);
      if (status >= 500) this.#log.warn({ code: error.code, reason: error.message }, 'a request failed');
      if (status === 401 || status === 403) this.#tellDenied(error, host.switchToHttp().getRequest<Request & { caller?: Principal }>());
      if (status === 401) response.setHeader('www-authenticate', 'Bearer, Basic realm="truc"');
      response.status(status).json({ code: error.code, message: error.message });
      return;
    }
    // The framework's own: unknown route, body too large or no JSON.
    const status = error instanceof HttpException ? error.getStatus() : Number((error as { status?: unknown } | null)?.status ?? 500);
    if (status >= 400 && status < 500) {
      response.status(status).json({ code: 'PLATFORM_REQUEST_INVALID', message: messageOf(error) });
      return;
    }
    // The database's: what was sent is no text that it can hold, as in a path.
    const { code } = error as { readonly code?: unknown };
    if (code === '22021' || code === '22P05') {
      response.status(400).json({ code: 'PLATFORM_REQUEST_INVALID', message: 'the request holds NUL or what is not valid Unicode' });
      return;
    }
    this.#log.error({ err: error }, 'a request failed unexpectedly');
    response.status(500).json({ code: 'PLATFORM_FAILED', message: 'something went wrong here; the log of the platform says what' });
  }

  /** The audit of requests that were not allowed. Sentences of ours name principals, actions and agencies. */
  #tellDenied({ code, message: reason }: TrucError, { method, path, caller }: Request & { caller?: Principal }): void {
    if (caller !== undefined) this.#telemetry?.record('truc_access_denied', 1, { role: caller.role });
    const who = caller === undefined ? {} : { principal: caller.name, role: caller.role, agency: caller.agency };
    this.#log.warn(
      { audit: 'access.denied', code, ...who, method, path: path.slice(0, pathCharsMax), reason },
      'a request was not allowed',
    );
  }
}
