import type { HttpAttempt } from './intruder.js';

const encoded = encodeURIComponent;
const denied = { status: 403, code: 40301 } as const;
const refused = (...rules: string[]) => ({ status: 422, code: 42201, rules });
/** `operation not permitted`: the mode does not let it. */
const notInMode = { status: 422, code: 42205 } as const;
const otherContext = { status: 422, code: 42208 } as const;
/** A good schema of Avro that the dictionary does not know. */
const strange = JSON.stringify({ type: 'record', name: 'Row', fields: [{ name: 'a', type: 'string' }] });
const post = (
  told: string,
  subject: string,
  body: object,
  what: Pick<HttpAttempt, 'status' | 'code' | 'rules'>,
  query = '',
): HttpAttempt => ({
  ...{ told, method: 'POST', path: `/subjects/${encoded(subject)}/versions${query}`, body },
  ...what,
});

export interface AttemptedSubjects {
  /** Of the intruder's own agency, which the catalogue has. */
  readonly own: string;
  readonly ownSchema: string;
  /** Of its own agency, of which the catalogue knows nothing. */
  readonly none: string;
  /** Another agency's. */
  readonly theirs: string;
  readonly theirSchema: string;
  readonly theirId: number;
}

/** What somebody who may register for an agency could try at every route of the registry that changes anything. */
export function registryAttempts({ own, ownSchema, none, theirs, theirSchema }: AttemptedSubjects): readonly HttpAttempt[] {
  const ownRow = JSON.parse(ownSchema) as object;
  const tags = [{ schemaEntity: { entityPath: 'Envelope', entityType: 'sr_record' }, tags: ['PUBLIC'] }];
  const setting = (method: 'PUT' | 'DELETE', path: string, body?: object): HttpAttempt => ({
    ...{ told: `${method} ${path} ${JSON.stringify(body ?? {})}`, method, path, ...denied },
    ...(body === undefined ? {} : { body }),
  });
  return [
    ...['', `/${theirs}`, `/${own}`, `/${none}`, `/${encoded(':.evil:')}`, `/${encoded(`:.evil:${own}`)}`].map((subject) =>
      setting('PUT', `/mode${subject}?force=true`, { mode: 'IMPORT' }),
    ),
    setting('DELETE', `/mode/${own}`),
    setting('PUT', '/config', { compatibility: 'NONE' }),
    setting('PUT', `/config/${own}`, { compatibility: 'NONE' }),
    setting('PUT', `/config/${own}`, { compatibilityGroup: 'mine' }),
    setting('PUT', `/config/${none}`, { alias: theirs }),
    setting('PUT', '/config/free', { alias: theirs }),
    setting('PUT', `/config/${theirs}`, { overrideMetadata: { properties: { owner: 'mallory' } } }),
    setting('PUT', `/config/${theirs}`, { defaultRuleSet: { domainRules: [] } }),
    setting('DELETE', `/config/${theirs}`),
    setting('DELETE', '/contexts/.evil'),
    setting('DELETE', `/subjects/${theirs}`),
    setting('DELETE', `/subjects/${theirs}?permanent=true`),
    setting('DELETE', `/subjects/${theirs}/versions/1`),
    setting('DELETE', `/subjects/${theirs}/versions/latest?permanent=true`),
    post("another's, with a schema of its own", theirs, { schema: strange }, refused('D6')),
    post("another's, by its other spelling", `:.:${theirs}`, { schema: strange }, refused('D6')),
    post(
      "another's, the same schema with other metadata",
      theirs,
      { schema: theirSchema, metadata: { properties: { owner: 'mallory' } } },
      refused('D6'),
    ),
    post(
      "another's, the same schema with a rule set",
      theirs,
      { schema: theirSchema, ruleSet: { domainRules: [{ name: 'leak', type: 'CEL', mode: 'READ' }] } },
      refused('D6'),
    ),
    post("another's, the same schema with tags", theirs, { schema: theirSchema, schemaTagsToAdd: tags }, refused('D6')),
    {
      ...{ told: "another's tags", method: 'POST', path: `/subjects/${theirs}/versions/latest/tags`, body: { tagsToAdd: tags } },
      ...refused('D6'),
    },
    {
      ...{ told: "another's metadata beside tags", method: 'POST', path: `/subjects/${theirs}/versions/1/tags` },
      ...{ body: { metadata: { properties: { owner: 'mallory' } } }, ...refused('D6') },
    },
    post('a view', 'view.0123456789abcdef0123456789abcdef-value', { schema: strange }, refused('D6')),
    post("the platform's own", 'receipts-value', { schema: strange }, refused('D6')),
    post('a name that is free', 'free', { schema: strange }, refused('D6')),
    post('its own, which no catalogue has', none, { schema: strange }, refused('D5')),
    post('its own, as the dictionary does not know it', own, { schema: strange }, refused('D1')),
    post('its own, by force', own, { schema: strange }, refused('D1'), '?force=true&normalize=true'),
    post('its own, with an id of its choice', own, { schema: strange, id: 4711, version: 7 }, notInMode),
    post('its own, with a version of its choice', own, { schema: strange, version: 7 }, { status: 422, code: 42201 }),
    post(
      "its own, with a reference that holds another's version",
      own,
      { schema: strange, references: [{ name: 'Row', subject: theirs, version: 1 }] },
      refused('D6', 'D1'),
    ),
    post('its own, with more metadata than there may be', own, { schema: ownSchema, metadata: { properties: numbered(1_001) } }, refused()),
    post(
      'its own, with more rules than there may be',
      own,
      { schema: ownSchema, ruleSet: { domainRules: Object.keys(numbered(257)).map((name) => ({ name, type: 'CEL' })) } },
      { status: 422, code: 42210 },
    ),
    post('its own, with what is no schema', own, { schema: JSON.stringify({ ...ownRow, type: 'nothing' }) }, refused()),
    post('another context', `:.evil:${own}`, { schema: ownSchema }, otherContext),
    post("another context, another's", `:.evil:${theirs}`, { schema: theirSchema }, otherContext),
    post('another context, a name that is free', ':.evil:free', { schema: strange }, refused('D6')),
    { ...post('another context, by its path', own, { schema: ownSchema }, otherContext), path: `/contexts/.evil/subjects/${own}/versions` },
    {
      ...{ told: 'for good, what still lives', method: 'DELETE', path: `/subjects/${own}?permanent=true`, status: 404, code: 40405 },
    },
  ];
}

/** What it could try once an administrator has put its subjects, another's and everything into IMPORT mode: rules hold in every mode, and ids stay what they are. */
export function importAttempts({ own, ownSchema, none, theirs, theirSchema, theirId }: AttemptedSubjects): readonly HttpAttempt[] {
  return [
    post('IMPORT, its own, as the dictionary does not know it', own, { schema: strange, id: 4711, version: 7 }, refused('D1')),
    post('IMPORT, its own, by force', own, { schema: strange, id: 4711, version: 7 }, refused('D1'), '?force=true'),
    post('IMPORT, its own, without an id', own, { schema: strange }, notInMode),
    post("IMPORT, its own, with another's id", own, { schema: ownSchema, id: theirId, version: 7 }, notInMode),
    post('IMPORT, its own, with an id that leaves none to others', own, { schema: ownSchema, id: 2_147_483_647, version: 7 }, notInMode),
    post(
      'IMPORT, its own, with a reference',
      own,
      { schema: strange, id: 4711, version: 7, references: [{ name: 'R', subject: theirs, version: 1 }] },
      refused('D6'),
    ),
    post('IMPORT, its own, which no catalogue has', none, { schema: strange, id: 4711, version: 1 }, refused('D5')),
    post("IMPORT, another's", theirs, { schema: theirSchema, id: 4711, version: 7 }, refused('D6')),
    post("IMPORT, the platform's own", 'receipts-value', { schema: strange, id: 4711, version: 7 }, refused('D6')),
    post('IMPORT, another context', `:.evil:${own}`, { schema: ownSchema, id: 4711, version: 1 }, otherContext),
    post('IMPORT, a name that is free in another context', ':.evil:free', { schema: strange, id: 4711, version: 1 }, refused('D6')),
  ];
}

function numbered(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, '']));
}
