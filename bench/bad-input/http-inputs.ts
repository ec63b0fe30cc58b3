import type { Backbone } from '@truc/local-stack';
import { hostileSchemas, hostileYaml } from '@truc/testing';
import type { BadInput } from './bad-input-run.js';
import type { Outcome } from './bad-input-result.js';
import { registryInputs, type ToRegistry } from './registry-inputs.js';

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Everything over HTTP: schemas to the registry, documents and requests to the platform, as the administrator, whom nothing else turns away. */
export function httpInputs(backbone: Backbone, quick: boolean): BadInput[] {
  const url = (app: 'platform' | 'schema-registry'): string => backbone.urls[app] ?? '';
  const send = async (method: 'POST' | 'PUT', to: string, body: string | Buffer, signal: AbortSignal): Promise<Answer> => {
    const headers = { authorization: `Bearer ${backbone.administratorToken}`, 'content-type': 'application/json' };
    const response = await fetch(to, { method, headers, body: new Uint8Array(Buffer.from(body as string)), signal });
    return { status: response.status, text: await response.text() };
  };
  const toRegistry: ToRegistry = (name, method, path, body, isRefused = true) => ({
    surface: 'registry',
    input: name,
    feed: async (signal) => refusal(await send(method, `${url('schema-registry')}${path}`, body, signal), isRefused, /"error_code":\d+/),
  });
  const registry = (name: string, body: string | Buffer, isRefused = true, path = `/subjects/bad-${counter++}/versions`): BadInput =>
    toRegistry(name, 'POST', path, body, isRefused);
  const platform = (name: string, path: string, body: string | Buffer): BadInput => ({
    surface: `platform ${path.replace('/v1/', '')}`,
    input: name,
    feed: async (signal) => refusal(await send('POST', `${url('platform')}${path}`, body, signal), true, /"code":"[A-Z_0-9]+"/),
  });
  const applied = (name: string, text: string, file = 'bad.yaml'): BadInput =>
    platform(name, '/v1/apply', JSON.stringify({ files: [{ path: file, text }] }));
  const dictionary = (name: string, domain: string): BadInput =>
    platform(name, '/v1/dictionary/proposals', JSON.stringify({ files: [{ path: 'd.yaml', text: domainYaml(domain) }] }));
  let counter = 0;
  const chars = quick ? 100_000 : 1_000_000;
  const union = (prefix: string): string =>
    JSON.stringify({
      schema: JSON.stringify(Array.from({ length: 1_400 }, (_, index) => ({ type: 'fixed', name: `${prefix}${index}`, size: 1 }))),
    });
  return [
    ...hostileSchemas.map(({ name, text, isRefused }) => registry(name, JSON.stringify({ schema: text }), isRefused)),
    registry('a union of 1,400', union('F'), false, '/subjects/bad-union/versions'),
    registry('a union of 1,400 others, after it', union('G'), true, '/subjects/bad-union/versions'),
    // An escape of JSON, which is kept as it was written.
    registry('NUL in an attribute', JSON.stringify({ schema: '{"type":"string","doc":"\\u0000"}' }), false),
    registry('half a character in an attribute', JSON.stringify({ schema: '{"type":"string","doc":"\\ud800"}' }), false),
    registry('NUL in a subject', '{"schema":"\\"int\\""}', true, '/subjects/%00/versions'),
    registry('NUL in a reference', '{"schema":"\\"int\\"","references":[{"name":"a","subject":"\\u0000","version":1}]}'),
    registry('no JSON', '{"schema":'),
    registry('not UTF-8', Buffer.from('{"schema":"\xea"}', 'latin1')),
    registry('lists in each other', `{"schema":${'['.repeat(100_000)}`),
    registry('an id past 2^53', '{"schema":"\\"int\\"","id":9007199254740993}'),
    registry('__proto__', '{"__proto__":{"schema":"\\"int\\""}}'),
    ...registryInputs(toRegistry),
    ...hostileYaml(chars).map(({ name, text }) => applied(name, text)),
    platform(
      '3,000 files',
      '/v1/apply',
      JSON.stringify({ files: Array.from({ length: 3_000 }, (_, index) => ({ path: `${index}.yaml`, text: 'a: 1' })) }),
    ),
    platform('seven megabytes of rows', '/v1/apply', JSON.stringify({ files: manyRows(quick ? 700_000 : 7_000_000) })),
    platform('a body of 20 MB', '/v1/apply', Buffer.alloc(20_000_000, 0x20)),
    platform('brackets, as many as fit', '/v1/apply', `{"files":${'['.repeat(chars * 10)}`),
    platform('numbers, as many as fit', '/v1/apply', `{"files":[${'1,'.repeat(chars * 5)}1]}`),
    platform('names, as many as fit', '/v1/apply', `{${Array.from({ length: chars }, (_, index) => `"k${index}":1`).join()}}`),
    platform('not JSON', '/v1/apply', '{"files":['),
    platform('lists in each other', '/v1/apply', `{"files":${'['.repeat(200_000)}${']'.repeat(200_000)}}`),
    platform('__proto__', '/v1/apply', '{"files":[],"__proto__":{"dryRun":true},"constructor":{}}'),
    platform('an unknown field', '/v1/principals', '{"name":"x","role":"reader","agency":null,"isAdministrator":true}'),
    platform('a number past 2^53', '/v1/dictionary/proposals/9007199254740993/reviews', '{"verdict":"agreed"}'),
    platform('NUL in a name', '/v1/principals', '{"name":"a\\u0000b","role":"reader","agency":null}'),
    platform(
      'NUL in a note',
      '/v1/dictionary/proposals',
      JSON.stringify({ files: [{ path: 'd.yaml', text: domainYaml('^a$') }], note: 'a\0b' }),
    ),
    platform(
      'half a character in a note',
      '/v1/dictionary/proposals',
      JSON.stringify({ files: [{ path: 'd.yaml', text: domainYaml('^a$') }], note: 'a\ud800b' }),
    ),
    platform('NUL in a path', '/v1/apply', JSON.stringify({ files: [{ path: 'a\0.yaml', text: '' }] })),
    platform('NUL in the agency of a command', '/v1/agents/%00/commands', '{"command":"pause"}'),
    platform('NUL in a CSV of a code list', '/v1/apply', JSON.stringify({ files: csvFiles('1\0,a,a,2020-01-01') })),
    platform('half a character in a CSV of a code list', '/v1/apply', JSON.stringify({ files: csvFiles('1,\ud800,a,2020-01-01') })),
    dictionary('a pattern that backtracks', '^(a+)+\\1$'),
    dictionary('a pattern that is too large', '^((a?){40}){40}$'),
    dictionary('groups of nothing', '^((((){1000}){1000}){1000})$'),
    dictionary('a pattern without a length', '^(x?){200}$'),
  ];
}

/** What has to be answered: refused with a code, or taken. */
function refusal({ status, text }: Answer, isRefused: boolean, coded: RegExp): Outcome {
  const [code = ''] = coded.exec(text) ?? [];
  const [place = ''] = /"line":\d+,"column":\d+/.exec(text) ?? [];
  const isRight = isRefused ? status >= 400 && status < 500 && code !== '' : status === 200;
  return { told: `${status} ${code.replaceAll('"', '')} ${place.replaceAll('"', '')}`.trim(), isRight };
}

/** A code list whose entries are in a CSV beside it. */
function csvFiles(row: string): { path: string; text: string }[] {
  const from = 'entriesFrom: {file: l.csv, codeColumn: code, labelColumns: {vi: vi, en: en}, validFrom: from, validTo: null}';
  const list = `codeList:\n  id: urn:vn:ddict:codelist:bad\n  status: approved\n  ${from}\n`;
  return [
    { path: 'l.yaml', text: list },
    { path: 'l.csv', text: `code,vi,en,from\n${row}\n` },
  ];
}

function domainYaml(pattern: string): string {
  const label = '{vi: a, en: a}';
  const fields = `minLength: null, maxLength: ${pattern.includes('x') ? 'null' : '50'}, precision: null, scale: null, minimum: null, maximum: null`;
  const rest = `codeList: null, unit: null, checkRule: null, status: approved, avroType: string, logicalType: null`;
  return `valueDomains:\n  - {id: 'urn:vn:ddict:domain:bad', version: 1.0.0, label: ${label}, ${fields}, ${rest}, pattern: '${pattern}'}\n`;
}

/** Code lists as large as may be applied at once, of which every row is wrong. */
function manyRows(bytes: number): { path: string; text: string }[] {
  const rows = (name: string): string => {
    const lines = [`codeList:\n  id: urn:vn:ddict:codelist:${name}\n  status: approved\n  entries:\n`];
    for (let length = 0, row = 0; length < 900_000; row++) {
      const line = `    - {code: 'c${row % 50}', validFrom: 2020-01-01, validTo: 2019-01-01}\n`;
      lines.push(line);
      length += line.length;
    }
    return lines.join('');
  };
  return Array.from({ length: Math.max(1, Math.floor(bytes / 900_000)) }, (_, index) => ({
    path: `${index}.yaml`,
    text: rows(`l${index}`),
  }));
}
