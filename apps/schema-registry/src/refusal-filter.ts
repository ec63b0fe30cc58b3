import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Principal } from '@truc/access';
import { schemaLimits } from '@truc/avro';
import { schemaHint } from '@truc/dictionary';
import { RegistryRefusal } from '@truc/registry';
import type { Logger, Telemetry } from '@truc/telemetry';
import type { Response } from 'express';

/** Paths are the caller's own words; a subject has at most 255 characters. */
const pathCharsMax = 400;

interface Called {
  readonly method?: string;
  readonly path?: string;
  readonly principal?: Principal;
  readonly app?: { readonly router?: { readonly stack: readonly RouteLayer[] } };
}

/** Answers every error as Confluent's registry does: `{error_code, message}`, with `violations` where the dictionary's rules refused. Nothing of the inside is told. */
@Catch()
export class RefusalFilter implements ExceptionFilter {
  readonly #log: Logger;
  readonly #telemetry: Telemetry;

  constructor(log: Logger, telemetry: Telemetry) {
    this.#log = log;
    this.#telemetry = telemetry;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response & { req: Called }>();
    const refusal = error instanceof RegistryRefusal ? error : this.#refusalOf(error, response.req.method === 'POST');
    if (response.headersSent) {
      // In the middle of an answer, which is not whole without its end.
      this.#log.warn({ reason: refusal?.message }, 'an answer was broken off');
      response.destroy();
      return;
    }
    if (refusal === null) {
      // An unknown route, or another verb of a known one, as the server behind Confluent's registry says it.
      const status = isRoute(response.req) ? 405 : 404;
      response.status(status).json({ error_code: status, message: status === 404 ? 'HTTP 404 Not Found' : 'HTTP 405 Method Not Allowed' });
      return;
    }
    if (refusal.reason === 'denied') this.#telemetry.record('truc_access_denied', 1, { role: response.req.principal?.role ?? 'unknown' });
    this.#tellRefused(refusal, response.req);
    if (refusal.httpStatus >= 500) this.#log.warn({ code: refusal.code, reason: refusal.message, err: refusal.cause }, 'a request failed');
    if (refusal.httpStatus === 401) response.setHeader('www-authenticate', 'Basic realm="truc", Bearer');
    if (refusal.httpStatus === 503) response.setHeader('retry-after', '5');
    const { errorCode, message, violations } = refusal;
    response.status(refusal.httpStatus).json({ error_code: errorCode, message, ...(violations.length === 0 ? {} : { violations }) });
  }

  /** The audit: who was not let in or may not do this, and whose change was refused by which rules. What was sent is not told. */
  #tellRefused({ reason, httpStatus, code, violations }: RegistryRefusal, { method, path, principal }: Called): void {
    const isDenied = reason === 'denied' || reason === 'unauthorised';
    const isChange = method !== 'GET' && principal !== undefined && httpStatus < 500;
    if (!isDenied && !isChange) return;
    const who = principal === undefined ? {} : { principal: principal.name, role: principal.role, agency: principal.agency };
    const rules = [...new Set(violations.map(({ rule }) => rule))];
    const line = { audit: isDenied ? 'access.denied' : 'request.refused', code, ...who, method, path: path?.slice(0, pathCharsMax), rules };
    this.#log.warn(line, isDenied ? 'a request was not allowed' : 'a change was refused');
  }

  /** @param isSchema every body that is posted here is a schema */
  #refusalOf(error: unknown, isSchema: boolean): RegistryRefusal | null {
    const status = error instanceof HttpException ? error.getStatus() : Number((error as { status?: unknown } | null)?.status);
    switch (status) {
      case 404:
        return null;
      case 413:
        return isSchema ? schemaTooLarge() : new RegistryRefusal('bodyTooLarge', 'The body is too large: a schema has at most 64 KiB');
      case 400: {
        const isBody = String((error as { type?: unknown }).type ?? '').startsWith('entity.');
        return new RegistryRefusal(
          'badRequest',
          isBody ? 'The body is not JSON' : 'The request is not well-formed: its path or its body cannot be read',
        );
      }
      case 415:
        return new RegistryRefusal('unsupportedMediaType', 'HTTP 415 Unsupported Media Type');
      default:
        this.#log.error({ err: error }, 'a request failed unexpectedly');
        return new RegistryRefusal('storeFailed', 'Error in the backend data store: the log of the registry says which');
    }
  }
}

interface RouteLayer {
  readonly route?: object;
  match(path: string): boolean;
}

/** Whether another verb has the path. */
function isRoute({ path, app }: Called): boolean {
  return path !== undefined && app?.router?.stack.some((layer) => layer.route !== undefined && layer.match(path)) === true;
}

/** Rule D12 for a body that is not read to its end. */
function schemaTooLarge(): RegistryRefusal {
  const expected = `at most ${schemaLimits.textBytes} bytes`;
  const violation = {
    rule: 'D12',
    path: '$',
    element: null,
    expected,
    found: 'a body many times as large',
    hint: schemaHint('limit', 'en'),
  };
  return new RegistryRefusal('invalidSchema', `Invalid schema: the body is too large: a schema has ${expected} (D12)`, {
    violations: [violation],
  });
}
