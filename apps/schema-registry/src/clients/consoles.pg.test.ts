import { request as plainRequest } from 'node:http';
import { Agent, request as tlsRequest } from 'node:https';
import { signToken, type Principal } from '@truc/access';
import { Secret } from '@truc/kernel';
import { testCa, testPostgres } from '@truc/testing';
import { RunningRegistry, type Json } from '../running-registry.test-data.js';
import { akhq, kafbat, kafbatMessages, type ConsoleCall, type ConsoleSession } from './console-calls.test-data.js';

const registry = new RunningRegistry(testPostgres);
const authority = testCa();
const operator: Principal = { name: 'van.hanh', agency: null, role: 'administrator' };
const reader: Principal = { name: 'xem', agency: null, role: 'reader' };

/** How both say who they are: by name and password, by a token that they were given, or by the certificate in a key store. */
type Form = 'basic' | 'bearer' | 'certificate';

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: Json;
}

/** Sends the very headers that a console sends, and no other. */
type Line = (session: ConsoleSession, call: ConsoleCall) => Promise<Answer>;

async function lineOf(form: Form, { name, agency, role }: Principal): Promise<Line> {
  const token = await signToken(registry.key.privateJwk, { name, agency, role }, { expiresInSeconds: 60 });
  const { certificate: cert, key } = authority.issue({ names: [name] });
  const agent = form === 'certificate' ? new Agent({ cert, key, ca: authority.certificate }) : undefined;
  const basic = Buffer.from(`${name}:${token}`).toString('base64');
  const who = { basic: { authorization: `Basic ${basic}` }, bearer: { authorization: `Bearer ${token}` }, certificate: {} }[form];
  const request = form === 'certificate' ? tlsRequest : plainRequest;
  return ({ headers, bodyType }, { method, path, body, headers: more }) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const all = Object.entries({ ...headers, ...(text === undefined ? {} : { 'content-type': bodyType }), ...more, ...who });
    const named = Object.fromEntries(all.filter(([, value]) => value !== ''));
    return new Promise((resolve, reject) => {
      const asked = request(`${registry.url}${path}`, { method, headers: named, agent }, (response) => {
        let told = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (told += chunk));
        response.on('end', () => {
          const type = response.headers['content-type']?.split(';')[0] ?? '';
          resolve({ status: response.statusCode ?? 0, type, body: JSON.parse(told) });
        });
      });
      asked.once('error', reject);
      asked.end(text);
    });
  };
}

async function start(form: Form): Promise<void> {
  const { certificate, key } = authority.issue({ names: ['127.0.0.1'] });
  const [own, ownKey, clientCa] = [certificate, key, authority.certificate].map((text) => new Secret(text));
  const tls =
    form === 'certificate' ? { certificate: own!, key: ownKey!, clientCa: clientCa!, clientCertificate: 'required' as const } : null;
  const entries = [operator, reader].map((one) => ({ kind: 'principal' as const, ...one, sinceSeconds: 0 }));
  await registry.start(false, entries, tls);
}

const matching = (wanted: Json): Json =>
  typeof wanted === 'object' && wanted !== null && !Array.isArray(wanted) ? expect.objectContaining(wanted) : wanted;

describe.each<Form>(['basic', 'bearer', 'certificate'])('the calls that a console makes, known by its %s', (form) => {
  beforeEach(() => start(form));

  it.each([kafbat, kafbatMessages, akhq])('are answered as $name needs it', async (session) => {
    const line = await lineOf(form, operator);
    for (const call of session.calls) {
      const { does, needs } = call;
      const { status, type, body } = await line(session, call);
      // An answer that is not read may be of any type; an error is read as an answer is.
      const isRead = needs.body !== undefined;
      expect({ does, status, ...(isRead ? { type, body } : {}) }).toEqual({
        does,
        status: needs.status,
        ...(isRead ? { type: session.answerType, body: matching(needs.body) } : {}),
      });
    }
  });

  it.each([kafbat, akhq])('of $name show who may only read what is there, and let nothing be changed', async (session) => {
    const line = await lineOf(form, reader);
    for (const call of session.calls) {
      const isQuestion = call.method === 'GET' || call.path.startsWith('/compatibility') || call.does === 'looks for a schema';
      const { status } = await line(session, call);
      expect({ does: call.does, isDenied: status === 403 }).toEqual({ does: call.does, isDenied: !isQuestion });
    }
  });
});
