import { connect } from 'node:net';
import { firstAdministrator, signToken, type Principal } from '@truc/access';
import type { PolicyEntry } from '@truc/coordination';
import { eventually, testPostgres } from '@truc/testing';
import { wholePolicy } from './given-policy.test-data.js';
import { RunningRegistry, simple } from './running-registry.test-data.js';

const registry = new RunningRegistry(testPostgres);
const reader: Principal = { name: 'an', agency: null, role: 'reader' };
const known: PolicyEntry = { kind: 'principal', ...reader, sinceSeconds: 0 };

describe('schemas that are known by heart', () => {
  let authorization: string;
  beforeEach(async () => {
    await registry.start(false, [...wholePolicy, known]);
    authorization = `Bearer ${await signToken(registry.key.privateJwk, reader, { expiresInSeconds: 600 })}`;
  });

  /** All that comes over the wire, but for the date. */
  const raw = (path: string, more = ''): Promise<string> =>
    new Promise((resolve, reject) => {
      const { port, hostname } = new URL(registry.url);
      const socket = connect(Number(port), hostname);
      const pieces: Buffer[] = [];
      socket.on('data', (bytes) => pieces.push(bytes));
      socket.on('error', reject);
      socket.on('close', () =>
        resolve(
          Buffer.concat(pieces)
            .toString('utf8')
            .replace(/^date: .*\r\n/im, ''),
        ),
      );
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: ${authorization}\r\n${more}\r\n`);
    });
  const administrator = async () => {
    const token = await signToken(registry.key.privateJwk, firstAdministrator, { expiresInSeconds: 600 });
    return { authorization: `Bearer ${token}` };
  };
  /** Registers, and reads until it is known by heart. */
  const learnt = async (text: string): Promise<number> => {
    const { id } = (await registry.register('s', text, await administrator())).body;
    await eventually(async () => {
      await raw(`/schemas/ids/${id}`);
      return registry.isKnown(id);
    });
    return id;
  };

  it.each([
    ['plainly', ''],
    ['as JSON', 'Accept: application/json\r\n'],
    ['as several types', 'Accept: text/html, application/vnd.schemaregistry+json;q=0.5\r\n'],
  ])('are answered byte for byte as the routes answer them, %s', async (_, accept) => {
    const id = await learnt(simple('R', { name: 'b', type: 'string', doc: 'dấu "nháy" và \\ gạch' }));
    const heart = await raw(`/schemas/ids/${id}`, accept);
    expect(heart).toContain('HTTP/1.1 200 OK');
    for (const same of ['?deleted=true', '?fetchMaxId=false']) expect(await raw(`/schemas/ids/${id}${same}`, accept)).toBe(heart);
  });

  it('need no database', async () => {
    const id = await learnt(simple('R'));
    await registry.database.query('ALTER TABLE registry.schema RENAME TO gone');
    expect(await raw(`/schemas/ids/${id}`)).toContain('HTTP/1.1 200');
    expect(await raw(`/schemas/ids/${id + 1}`)).toContain('HTTP/1.1 500');
  });

  it('are not read by who may not read, nor by who is not known any more', async () => {
    const id = await learnt(simple('R'));
    const good = authorization;
    authorization = 'Bearer x';
    expect(await raw(`/schemas/ids/${id}`)).toContain('HTTP/1.1 401');
    authorization = good;
    registry.source.withdraw((entry) => entry === known);
    expect(await raw(`/schemas/ids/${id}`)).toContain('HTTP/1.1 401');
  });

  it('are forgotten with their last version, and tell that they are deleted before', async () => {
    const id = await learnt(simple('R'));
    expect(await raw(`/schemas/ids/${id}`)).toContain('"deleted":false');
    await registry.call('DELETE', '/subjects/s', undefined, await administrator());
    expect(await raw(`/schemas/ids/${id}`)).toContain('"deleted":true');
    await registry.call('DELETE', '/subjects/s?permanent=true', undefined, await administrator());
    expect(await raw(`/schemas/ids/${id}`)).toContain('"error_code":40403');
  });

  it('leave every other question to the routes', async () => {
    const id = await learnt(simple('R'));
    for (const path of [`/schemas/ids/${id}?subject=s`, `/schemas/ids/${id}/schema`, '/schemas/ids/99', '/schemas/ids/x'])
      expect(await raw(path)).not.toBe(await raw(`/schemas/ids/${id}`));
    expect(await raw(`/schemas/ids/${id}`, 'Accept: text/html\r\n')).toContain('HTTP/1.1 406');
  });
});
