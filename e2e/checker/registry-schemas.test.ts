import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RegistrySchemas } from './registry-schemas.js';

describe('schemas of the registry', () => {
  let server: Server;
  let status = 200;
  beforeAll(async () => {
    server = createServer((_, response) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ schema: '"string"' }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  const schemas = () => new RegistrySchemas(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'token');
  const framed = Buffer.from([0, 0, 0, 0, 7, 2, 0x61]);

  it('are asked for again after the registry did not answer', async () => {
    const asking = schemas();
    status = 503;
    await expect(asking.decode(framed)).rejects.toMatchObject({ code: 'CHECKER_REGISTRY_FAILED' });
    status = 200;
    expect(await asking.decode(framed)).toBe('a');
  });

  it('tell bytes that are wrong from a registry that is away', async () => {
    status = 404;
    await expect(schemas().decode(framed)).rejects.toMatchObject({ code: 'CHECKER_SCHEMA_UNKNOWN' });
    status = 200;
    await expect(schemas().decode(Buffer.from('x'))).rejects.toMatchObject({ code: 'CHECKER_FRAME_INVALID' });
    await expect(schemas().decode(framed.subarray(0, 6))).rejects.not.toHaveProperty('code', 'CHECKER_REGISTRY_FAILED');
  });
});
