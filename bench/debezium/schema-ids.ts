import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The longest schema that is taken. */
const bodyBytesMax = 1024 * 1024;

/**
 * Gives each schema that the peer's converter registers an id, as the registry that the converter is made for would (Apicurio, API v2). It is asked once for each schema, before
 * anything is measured, and our own registry would refuse schemas whose fields are in no dictionary.
 */
export class SchemaIds {
  readonly url: string;
  readonly #close: () => Promise<void>;

  private constructor(url: string, close: () => Promise<void>) {
    this.url = url;
    this.#close = close;
  }

  static async listen(): Promise<SchemaIds> {
    const ids = new Map<string, number>();
    const server = createServer((request, response) => {
      body(request).then(
        (text) => answer(request, response, text, ids),
        () => response.writeHead(413).end(),
      );
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    const close = async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    };
    return new SchemaIds(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, close);
  }

  close(): Promise<void> {
    return this.#close();
  }
}

function answer(request: IncomingMessage, response: ServerResponse, schema: string, ids: Map<string, number>): void {
  const send = (status: number, value: object): void => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(value));
  };
  const group = /^\/apis\/registry\/v2\/groups\/([^/?]+)\/artifacts(?:\?|$)/.exec(request.url ?? '')?.[1];
  if (request.method !== 'POST' || group === undefined)
    return send(404, { error_code: 404, message: 'not known here', name: 'NotFoundException' });
  const digest = createHash('sha256').update(schema).digest('hex');
  const id = ids.get(digest) ?? ids.size + 1;
  ids.set(digest, id);
  const on = '2026-01-01T00:00:00+0000';
  const named = request.headers['x-registry-artifactid'];
  send(200, {
    id: typeof named === 'string' ? named : digest,
    groupId: decodeURIComponent(group),
    type: 'AVRO',
    state: 'ENABLED',
    version: '1',
    globalId: id,
    contentId: id,
    createdOn: on,
    modifiedOn: on,
  });
}

async function body(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) throw new RangeError('too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
