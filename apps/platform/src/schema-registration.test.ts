import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generateTokenKey, principalFromAuthorization, verifyToken } from '@truc/access';
import type { PolicyEntry } from '@truc/coordination';
import { createLogger } from '@truc/telemetry';
import { eventually } from '@truc/testing';
import { registrarOf } from './registrar.js';
import { SchemaRegistration, schemasOf } from './schema-registration.js';

const log = createLogger('test', { level: 'silent' });
const entry = (kind: 'dataset' | 'view', topic: string): PolicyEntry =>
  ({ kind, topic, quarantineTopic: `quarantine.of.${topic}`, valueSchema: `"${topic}"` }) as PolicyEntry;
const entries = [entry('view', 'view.1'), entry('dataset', 'data.g01.a.b.v1'), entry('view', 'view.1')];

describe('schema registration', () => {
  let server: Server;
  let url: string;
  let answer: (subject: string) => { status: number; body: object };
  const asked: { subject: string; authorization: string | undefined }[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      const subject = decodeURIComponent(request.url?.split('/')[2] ?? '');
      request.resume().on('end', () => {
        asked.push({ subject, authorization: request.headers.authorization });
        const { status, body } = answer(subject);
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const ofThePlatform = [
    'quarantine.of.data.g01.a.b.v1-value',
    'rejected.distributor-value',
    'rejected.general-database-value',
    'receipts-value',
  ];

  it('wants key and value schema of each topic once, datasets first, and those of the platform itself', () => {
    expect(schemasOf(entries).map(({ subject }) => subject)).toEqual([
      'data.g01.a.b.v1-key',
      'data.g01.a.b.v1-value',
      'view.1-key',
      'view.1-value',
      ...ofThePlatform,
    ]);
  });

  it('goes on until all is registered, with a token of the platform, and tells how far it is', async () => {
    const key = await generateTokenKey();
    let isKnown = false;
    answer = (subject) =>
      !isKnown && subject === 'view.1-value'
        ? { status: 422, body: { error_code: 42201, message: 'the dictionary does not know this yet' } }
        : { status: 200, body: { id: 1 } };
    const registration = new SchemaRegistration(registrarOf({ url }, key as never), log);
    registration.want(entries);
    expect(registration.states.map(({ state }) => state)).toEqual(schemasOf(entries).map(() => 'waiting'));
    const states = () =>
      registration.states
        .slice(0, 4)
        .map(({ state }) => state)
        .join(' ');
    await eventually(() => states() === 'registered registered registered refused');
    expect(registration.states[3]?.reason).toContain('does not know this yet');
    isKnown = true;
    await eventually(() => states() === 'registered registered registered registered');
    const count = asked.length;
    registration.want(entries);
    expect(states()).toBe('registered registered registered registered');
    await registration.close();
    expect(asked).toHaveLength(count);
    const caller = await principalFromAuthorization(asked[0]?.authorization, (token) => verifyToken([key.publicJwk], token));
    expect(caller).toMatchObject({ name: 'platform', agency: null, role: 'platform' });
  });

  it('stops while the registry cannot be reached', async () => {
    const registration = new SchemaRegistration(registrarOf({ url: 'http://127.0.0.1:1' }, (await generateTokenKey()) as never), log);
    registration.want(entries);
    await eventually(() => registration.states.every(({ state, reason }) => state === 'waiting' && reason !== null));
    await registration.close();
  });
});
