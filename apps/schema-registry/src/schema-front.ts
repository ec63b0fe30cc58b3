import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { ExpressAdapter } from '@nestjs/platform-express';
import { may } from '@truc/access';
import type { Telemetry } from '@truc/telemetry';
import { shownCertificate } from './caller-certificate.js';
import type { CallerIdentity } from './caller-identity.js';
import type { KnownSchemas } from './known-schemas.js';
import { answerType } from './media-types.js';

/** A schema by its id and nothing else: what every consumer asks first, and most of all that is ever asked. Java's client says that it does not want the highest id, which is so without it. */
const idPath = /^\/schemas\/ids\/([1-9][0-9]{0,8})(?:\?fetchMaxId=false)?$/;
/** Route that metrics name. */
const route = 'GET /schemas/ids/:id';

export interface SchemaFrontParts {
  readonly known: KnownSchemas;
  readonly identity: CallerIdentity;
  readonly telemetry: Telemetry;
}

/**
 * Answers for schemas by id where everything that the answer needs is in memory: who calls, that they may read, and the schema, unchanged since it was read. All else, refusals too, is left to the routes, whose
 * answers these are byte for byte.
 */
export class SchemaFront {
  readonly #parts: SchemaFrontParts;

  constructor(parts: SchemaFrontParts) {
    this.#parts = parts;
  }

  /** @returns false where it has to be found out, and nothing was answered */
  answers({ method, url, headers, socket }: IncomingMessage, response: ServerResponse): boolean {
    const [, id] = method === 'GET' ? (idPath.exec(url ?? '') ?? []) : [];
    if (id === undefined || headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0) return false;
    const { known, identity, telemetry } = this.#parts;
    const type = answerType(headers.accept);
    const principal = type === null ? null : identity.known(headers.authorization, shownCertificate(socket));
    if (principal === null || !may(principal, 'schemas.read', { agency: principal.agency })) return false;
    const body = known.known(Number(id));
    if (body === undefined) return false;
    response.writeHead(200, { 'Content-Type': `${type}; charset=utf-8`, 'Content-Length': body.length });
    response.end(body);
    telemetry.record('truc_http_requests', 1, { route, status: '200' });
    return true;
  }
}

/** Express behind the front. */
export class FrontedAdapter extends ExpressAdapter {
  readonly #front: SchemaFront;

  constructor(front: SchemaFront) {
    super();
    this.#front = front;
  }

  override initHttpServer(options: Parameters<ExpressAdapter['initHttpServer']>[0]): void {
    super.initHttpServer(options);
    const server = this.getHttpServer() as Server;
    const [routes] = server.listeners('request') as ((request: IncomingMessage, response: ServerResponse) => void)[];
    server.removeAllListeners('request');
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      if (!this.#front.answers(request, response)) routes?.(request, response);
    });
  }
}
