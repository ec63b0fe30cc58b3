import { hostileSchemas } from '@truc/testing';
import type { BadInput } from './bad-input-run.js';

/** Sends to the registry, as its administrator. */
export type ToRegistry = (name: string, method: 'POST' | 'PUT', path: string, body: string | Buffer, isRefused?: boolean) => BadInput;

const json = (value: unknown): string => JSON.stringify(value);
const numbers = (length: number): number[] => Array.from({ length }, (_, index) => index);
const named = (length: number): Record<string, string> => Object.fromEntries(numbers(length).map((index) => [`k${index}`, '']));
const lists = '['.repeat(100_000);
const good = json({ type: 'record', name: 'R', fields: [{ name: 'a', type: 'string' }] });

/** Everything at the routes of the registry that take more than a schema: tags, rules, metadata, settings, modes, look-ups, compatibility checks. */
export function registryInputs(send: ToRegistry): BadInput[] {
  const place = (entityPath: string, entityType = 'sr_field') => ({ schemaEntity: { entityPath, entityType }, tags: ['PII'] });
  const rule = (more: object) => ({ name: 'r', type: 'CEL', ...more });
  const ruleSets: [string, object][] = [
    ['10,000 rules', { domainRules: numbers(3_000).map((index) => ({ name: `r${index}` })) }],
    ['257 parameters', { domainRules: [rule({ params: named(257) })] }],
    ['101 tags of a rule', { domainRules: [rule({ tags: numbers(101).map(String) })] }],
    ['a name that is none', { domainRules: [rule({ name: '__proto__\u0001' })] }],
    ['NUL in an expression', { domainRules: [rule({ expr: 'a\u0000b' })] }],
    ['half a character in a parameter', { domainRules: [rule({ params: { a: '\ud800' } })] }],
    ['a rule that is a number', { domainRules: [9007199254740993] }],
  ];
  const metadata: [string, object][] = [
    ['1,001 properties', { properties: named(1_001) }],
    ['1,001 sensitive names', { sensitive: Object.keys(named(1_001)) }],
    ['tags of 1,001 paths', { tags: Object.fromEntries(numbers(1_001).map((index) => [`p${index}`, []])) }],
    ['a property that is a number', { properties: { a: 9007199254740993 } }],
    ['NUL in a property', { properties: { a: '\u0000' } }],
    ['half a character in a name', { properties: { '\ud800': 'a' } }],
  ];
  const routes: readonly (readonly [string, 'POST' | 'PUT', string, (more: object) => object])[] = [
    ['registration', 'POST', '/subjects/bad-told/versions', (more) => ({ schema: good, ...more })],
    ['look-up', 'POST', '/subjects/bad-told', (more) => ({ schema: good, ...more })],
    ['compatibility check', 'POST', '/compatibility/subjects/bad-told/versions', (more) => ({ schema: good, ...more })],
  ];
  const bodies: [string, string | Buffer][] = [
    ['no JSON', '{"schema":'],
    ['not UTF-8', Buffer.from('{"alias":"\xea"}', 'latin1')],
    ['lists in each other', `{"schema":${lists}`],
    ['a list', '[]'],
    ['300 KB', json({ schema: 'x'.repeat(300_000) })],
    ['20,000 names', json(named(20_000))],
  ];
  const everywhere: readonly (readonly [string, 'POST' | 'PUT', string])[] = [
    ['look-up', 'POST', '/subjects/bad-told'],
    ['compatibility check', 'POST', '/compatibility/subjects/bad-told/versions/latest'],
    ['tags', 'POST', '/subjects/bad-told/versions/1/tags'],
    ['config', 'PUT', '/config/bad-told'],
    ['mode', 'PUT', '/mode/bad-told'],
  ];
  return [
    send('registration: a good one to begin with', 'POST', '/subjects/bad-told/versions', json({ schema: good }), false),
    ...everywhere.flatMap(([route, method, path]) => bodies.map(([name, body]) => send(`${route}: ${name}`, method, path, body))),
    ...routes
      .slice(1)
      .flatMap(([route, method, path, body]) =>
        hostileSchemas
          .filter(({ isRefused }) => isRefused)
          .map(({ name, text }) => send(`${route}: ${name}`, method, path, json({ ...body({}), schema: text }))),
      ),
    ...routes.flatMap(([route, method, path, body]) => [
      ...ruleSets.map(([name, ruleSet]) => send(`${route}: ${name}`, method, path, json(body({ ruleSet })))),
      ...metadata.map(([name, told]) => send(`${route}: ${name}`, method, path, json(body({ metadata: told })))),
    ]),
    ...ruleSets.map(([name, ruleSet]) => send(`config: ${name}`, 'PUT', '/config/bad-told', json({ defaultRuleSet: ruleSet }))),
    ...metadata.map(([name, told]) => send(`config: ${name}`, 'PUT', '/config/bad-told', json({ overrideMetadata: told }))),
    ...ruleSets.map(([name, ruleSet]) =>
      send(`tags: ${name}`, 'POST', '/subjects/bad-told/versions/1/tags', json({ rulesToMerge: ruleSet })),
    ),
    send('tags: a place that is not there', 'POST', '/subjects/bad-told/versions/1/tags', json({ tagsToAdd: [place('R.none')] })),
    send(
      'tags: __proto__',
      'POST',
      '/subjects/bad-told/versions/1/tags',
      json({ tagsToAdd: [place('R.__proto__'), place('__proto__', 'sr_record')] }),
    ),
    send('tags: 1,001 places', 'POST', '/subjects/bad-told/versions/1/tags', json({ tagsToAdd: numbers(1_001).map(() => place('R.a')) })),
    send(
      'tags: 101 of one place',
      'POST',
      '/subjects/bad-told/versions/1/tags',
      json({ tagsToAdd: [{ ...place('R.a'), tags: numbers(101).map(String) }] }),
    ),
    send('tags: NUL', 'POST', '/subjects/bad-told/versions/1/tags', json({ tagsToAdd: [{ ...place('R.a'), tags: ['\u0000'] }] })),
    send('tags: a version past 2^53', 'POST', '/subjects/bad-told/versions/9007199254740993/tags', '{}'),
    send('config: a level that is none', 'PUT', '/config/bad-told', json({ compatibility: '__proto__' })),
    send('config: an alias of 2,000 characters', 'PUT', '/config/bad-told', json({ alias: 'a'.repeat(2_000) })),
    send('config: NUL in an alias', 'PUT', '/config/bad-told', json({ alias: '\u0000' })),
    send('config: NUL in a subject', 'PUT', '/config/%00', json({ compatibility: 'NONE' })),
    send('mode: one that is none', 'PUT', '/mode/bad-told', json({ mode: 'constructor' })),
    send('mode: a list', 'PUT', '/mode/bad-told', json({ mode: ['IMPORT'] })),
    send('mode: NUL', 'PUT', '/mode/bad-told', json({ mode: '\u0000' })),
    send(
      'compatibility check: a version past 2^53',
      'POST',
      '/compatibility/subjects/bad-told/versions/9007199254740993',
      json({ schema: good }),
    ),
    send(
      'look-up: a reference past 2^53',
      'POST',
      '/subjects/bad-told',
      `{"schema":"\\"int\\"","references":[{"name":"a","subject":"b","version":9007199254740993}]}`,
    ),
    send(
      'registration: 65 references',
      'POST',
      '/subjects/bad-told/versions',
      json({ schema: good, references: numbers(65).map((index) => ({ name: `n${index}`, subject: 'bad-told', version: 1 })) }),
    ),
  ];
}
