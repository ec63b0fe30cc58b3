import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestSchemas } from './test-schemas.js';

/** The questions that a data plane asks of a registry, answered over HTTP as Confluent's API does, from schemas in memory. */
export async function startTestRegistry(schemas: TestSchemas): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      void answer(schemas, request.url ?? '', Buffer.concat(chunks).toString()).then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/vnd.schemaregistry.v1+json' });
        response.end(JSON.stringify(body));
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => closed(server) };
}

async function answer(schemas: TestSchemas, url: string, body: string): Promise<{ status: number; body: object }> {
  const [, kind, first, asked, inside] = (url.split('?')[0] ?? '').split('/');
  const name = decodeURIComponent(first ?? '');
  if (kind === 'schemas') {
    const schema = await schemas.schemaById(Number(asked));
    if (inside === 'subjects' && schema !== null) return { status: 200, body: schemas.subjectsOf(Number(asked)) };
    return schema === null ? { status: 404, body: { error_code: 40403, message: 'Schema not found' } } : { status: 200, body: { schema } };
  }
  const { schema } = JSON.parse(body) as { schema: string };
  const id = await schemas.idOf(name, schema);
  return id === null
    ? { status: 404, body: { error_code: 40403, message: 'Schema not found' } }
    : { status: 200, body: { subject: name, id, version: 1, schema } };
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
