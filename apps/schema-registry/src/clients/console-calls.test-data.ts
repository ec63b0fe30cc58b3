import type { Json } from '../running-registry.test-data.js';

/** One call of a console, and what it makes of the answer. */
export interface ConsoleCall {
  /** What the person does. */
  readonly does: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  /** Beside those of the console. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Status, and what is read from the body; whatever else is in it is passed over. */
  readonly needs: { readonly status: number; readonly body?: Json };
}

export interface ConsoleSession {
  /** With the version whose source was read. */
  readonly name: string;
  /** Of every call. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of calls with a body. */
  readonly bodyType: string;
  /** What the type of an answer that is read has to be; another one is an error to the console. */
  readonly answerType: string;
  readonly calls: readonly ConsoleCall[];
}

const subject = 'thu/dân cư-value';
const path = encodeURIComponent(subject);
const record = (...fields: object[]): string => JSON.stringify({ type: 'record', name: 'CuDan', fields });
const ten = { name: 'ten', type: 'string' };
const old = record(ten);
const young = record(ten, { name: 'tuoi', type: 'int', default: 7 });
const unreadable = record(ten, { name: 'tuoi', type: 'int' });
const text = expect.any(String) as string;
const isErrorOf = (code: number) => ({ error_code: code, message: text });

/** The screens of schemas in Kafbat UI: its own HTTP client, which asks for plain JSON and reads nothing else, and sends what is not given as null. */
export const kafbat: ConsoleSession = {
  name: 'Kafbat UI 1.4.3',
  headers: { accept: 'application/json' },
  bodyType: 'application/json',
  answerType: 'application/json',
  calls: [
    { does: 'checks the cluster', method: 'GET', path: '/config', needs: { status: 200, body: { compatibilityLevel: 'BACKWARD' } } },
    { does: 'looks at an empty list', method: 'GET', path: '/subjects?deleted=false', needs: { status: 200, body: [] } },
    {
      does: 'makes a schema',
      method: 'POST',
      path: `/subjects/${path}/versions`,
      body: { schema: old, schemaType: 'AVRO', references: null },
      needs: { status: 200, body: { id: 1 } },
    },
    { does: 'looks at the list', method: 'GET', path: '/subjects?deleted=false', needs: { status: 200, body: [subject] } },
    {
      does: 'looks at the list: each schema',
      method: 'GET',
      path: `/subjects/${path}/versions/latest?deleted=false`,
      needs: { status: 200, body: { id: 1, subject, version: 1, schema: old, schemaType: 'AVRO' } },
    },
    {
      does: 'looks at the list: each level, which is that of all',
      method: 'GET',
      path: `/config/${path}?defaultToGlobal=true`,
      needs: { status: 200, body: { compatibilityLevel: 'BACKWARD' } },
    },
    {
      does: 'checks a change',
      method: 'POST',
      path: `/compatibility/subjects/${path}/versions/latest?verbose=true`,
      body: { schema: unreadable, schemaType: 'AVRO', references: [] },
      needs: { status: 200, body: { is_compatible: false } },
    },
    {
      does: 'makes a change that is refused: 409 is "incompatible" to it',
      method: 'POST',
      path: `/subjects/${path}/versions`,
      body: { schema: unreadable, schemaType: 'AVRO', references: [] },
      needs: { status: 409 },
    },
    {
      does: 'makes a schema that is none: 422 is shown with its body',
      method: 'POST',
      path: `/subjects/${path}/versions`,
      body: { schema: '{', schemaType: 'AVRO', references: [] },
      needs: { status: 422, body: isErrorOf(42201) },
    },
    {
      does: 'checks another change',
      method: 'POST',
      path: `/compatibility/subjects/${path}/versions/latest?verbose=true`,
      body: { schema: young, schemaType: 'AVRO', references: null },
      needs: { status: 200, body: { is_compatible: true } },
    },
    {
      does: 'makes the change',
      method: 'POST',
      path: `/subjects/${path}/versions`,
      body: { schema: young, schemaType: 'AVRO', references: null },
      needs: { status: 200, body: { id: 2 } },
    },
    { does: 'looks at all versions', method: 'GET', path: `/subjects/${path}/versions`, needs: { status: 200, body: [1, 2] } },
    {
      does: 'compares two versions',
      method: 'GET',
      path: `/subjects/${path}/versions/1?deleted=false`,
      needs: { status: 200, body: { id: 1, subject, version: 1, schema: old } },
    },
    {
      does: 'changes the level of a schema',
      method: 'PUT',
      path: `/config/${path}`,
      body: { compatibility: 'FULL' },
      needs: { status: 200, body: { compatibility: 'FULL' } },
    },
    {
      does: 'changes the level of all',
      method: 'PUT',
      path: '/config',
      body: { compatibility: 'FORWARD' },
      needs: { status: 200, body: { compatibility: 'FORWARD' } },
    },
    {
      does: 'sees the level',
      method: 'GET',
      path: `/config/${path}?defaultToGlobal=true`,
      needs: { status: 200, body: { compatibilityLevel: 'FULL' } },
    },
    {
      does: 'deletes the latest version',
      method: 'DELETE',
      path: `/subjects/${path}/versions/latest?permanent=false`,
      headers: { accept: '*/*' },
      needs: { status: 200 },
    },
    {
      does: 'looks at a version that is gone: 404 is "not found" to it',
      method: 'GET',
      path: `/subjects/${path}/versions/2?deleted=false`,
      needs: { status: 404 },
    },
    {
      does: 'deletes a schema',
      method: 'DELETE',
      path: `/subjects/${path}?permanent=false`,
      headers: { accept: '*/*' },
      needs: { status: 200 },
    },
    {
      does: 'looks at a schema that is gone',
      method: 'GET',
      path: `/subjects/${path}/versions/latest?deleted=false`,
      needs: { status: 404 },
    },
  ],
};

/** What Confluent's client for Java says of itself in both consoles. */
const javaClient = { 'content-type': 'application/vnd.schemaregistry.v1+json', 'confluent-accept-unknown-properties': 'true' };
/** What Java's HTTP client accepts where nobody says anything. */
const javaAccept = 'text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2';

/** The messages of a topic in Kafbat UI, which it reads with Confluent's client for Java. */
export const kafbatMessages: ConsoleSession = {
  name: 'Kafbat UI 1.4.3, looking at messages',
  headers: { accept: javaAccept, ...javaClient },
  bodyType: javaClient['content-type'],
  answerType: 'application/vnd.schemaregistry.v1+json',
  calls: [
    {
      does: 'looks for the schema of a topic that has none: 404 is "none" to it',
      method: 'GET',
      path: '/subjects/thu-value/versions/latest',
      needs: { status: 404, body: isErrorOf(40401) },
    },
    {
      does: 'somebody registers one',
      method: 'POST',
      path: '/subjects/thu-value/versions?normalize=false',
      body: { schema: old },
      needs: { status: 200, body: { id: 1 } },
    },
    {
      does: 'looks for the schema of the topic',
      method: 'GET',
      path: '/subjects/thu-value/versions/latest',
      needs: { status: 200, body: { id: 1, version: 1, schema: old, schemaType: 'AVRO' } },
    },
    {
      does: 'shows a message',
      method: 'GET',
      path: '/schemas/ids/1?fetchMaxId=false',
      needs: { status: 200, body: { schema: old } },
    },
    {
      does: 'shows a message, by the subject of its topic',
      method: 'GET',
      path: '/schemas/ids/1?fetchMaxId=false&subject=thu-value',
      needs: { status: 200, body: { schema: old } },
    },
    {
      does: 'shows a message whose schema nobody registered',
      method: 'GET',
      path: '/schemas/ids/99?fetchMaxId=false',
      needs: { status: 404, body: isErrorOf(40403) },
    },
  ],
};

/** AKHQ: Confluent's client for Java throughout, which it tells to ask for plain JSON. Calls without properties name no type of a body. */
export const akhq: ConsoleSession = {
  name: 'AKHQ 0.25',
  headers: { accept: 'application/json', ...javaClient },
  bodyType: javaClient['content-type'],
  answerType: 'application/json',
  calls: [
    { does: 'looks at an empty list', method: 'GET', path: '/subjects', needs: { status: 200, body: [] } },
    {
      does: 'makes a schema: first, is it there? It is not by 40401 alone',
      method: 'GET',
      path: `/subjects/${path}/versions/latest`,
      needs: { status: 404, body: isErrorOf(40401) },
    },
    {
      does: 'makes a schema',
      method: 'POST',
      path: `/subjects/${path}/versions?normalize=false`,
      body: { schema: old, schemaType: 'AVRO' },
      needs: { status: 200, body: { id: 1 } },
    },
    {
      does: 'makes a schema: is the latest the one that was made?',
      method: 'GET',
      path: `/subjects/${path}/versions/latest`,
      needs: { status: 200, body: { subject, id: 1, version: 1, schema: old } },
    },
    {
      does: 'looks at a schema: its level, which is that of all',
      method: 'GET',
      path: `/config/${path}?defaultToGlobal=true`,
      headers: { 'content-type': '' },
      needs: { status: 200, body: { compatibilityLevel: 'BACKWARD' } },
    },
    {
      does: 'looks at the level of all',
      method: 'GET',
      path: '/config?defaultToGlobal=false',
      needs: { status: 200, body: { compatibilityLevel: 'BACKWARD' } },
    },
    {
      does: 'changes the level',
      method: 'PUT',
      path: `/config/${path}`,
      body: { compatibility: 'FULL_TRANSITIVE' },
      needs: { status: 200, body: { compatibility: 'FULL_TRANSITIVE' } },
    },
    {
      does: 'checks a change',
      method: 'POST',
      path: `/compatibility/subjects/${path}/versions/latest?normalize=false&verbose=false`,
      body: { schema: unreadable },
      needs: { status: 200, body: { is_compatible: false } },
    },
    {
      does: 'makes a change that is refused',
      method: 'POST',
      path: `/subjects/${path}/versions?normalize=false`,
      body: { schema: unreadable, schemaType: 'AVRO' },
      needs: { status: 409, body: isErrorOf(409) },
    },
    {
      does: 'makes a change',
      method: 'POST',
      path: `/subjects/${path}/versions?normalize=false`,
      body: { schema: young, schemaType: 'AVRO' },
      needs: { status: 200, body: { id: 2 } },
    },
    {
      does: 'looks at all versions',
      method: 'GET',
      path: `/subjects/${path}/versions?deleted=false&deletedOnly=false`,
      needs: { status: 200, body: [1, 2] },
    },
    {
      does: 'looks at each of them',
      method: 'GET',
      path: `/subjects/${path}/versions/1?deleted=false`,
      needs: { status: 200, body: { subject, id: 1, version: 1, schema: old } },
    },
    {
      does: 'looks for a schema',
      method: 'POST',
      path: `/subjects/${path}?normalize=false&deleted=false`,
      body: { schema: young },
      needs: { status: 200, body: { subject, id: 2, version: 2 } },
    },
    { does: 'shows a message', method: 'GET', path: '/schemas/ids/2?fetchMaxId=false', needs: { status: 200, body: { schema: young } } },
    {
      does: 'deletes a version',
      method: 'DELETE',
      path: `/subjects/${path}/versions/1`,
      headers: { 'content-type': '' },
      needs: { status: 200, body: 1 },
    },
    {
      does: 'deletes a schema',
      method: 'DELETE',
      path: `/subjects/${path}`,
      headers: { 'content-type': '' },
      needs: { status: 200, body: [2] },
    },
    { does: 'looks at the list', method: 'GET', path: '/subjects', needs: { status: 200, body: [] } },
  ],
};
