import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandLine } from './command-line.test-data.js';

const line = new CommandLine();
beforeAll(() => line.open());
afterAll(() => line.close());

const element = (name: string) => `urn:vn:ddict:element:person.${name}@1.0.0`;
const row = (...fields: object[]) => ({
  type: 'record',
  name: 'Envelope',
  fields: [{ name: 'after', type: ['null', { type: 'record', name: 'Row', fields }] }],
});
const name = { name: 'person_full_name', type: 'string', dictionaryElement: element('full-name') };
const email = { name: 'person_email', type: 'string', dictionaryElement: element('email') };
const [one, two] = [JSON.stringify(row(name)), JSON.stringify(row(name, email))];
const topic = (generation: number) => `data.g01.population.resident.v${generation}`;

const dataset = (generation: number, valueSchema: string) => ({
  kind: 'dataset',
  name: 'population.resident',
  generation,
  agency: 'G01',
  topic: topic(generation),
  valueSchema,
});
const field = (of: string) => ({ name: `person_${of.replace('-', '_')}`, element: `urn:vn:ddict:element:person.${of}` });
const view = (id: string, generation: number, ...of: string[]) => ({
  kind: 'view',
  id,
  topic: `view.${id}`,
  dataset: 'population.resident',
  generation,
  fields: of.map(field),
});
const contract = (of: string, consumer: string, viewId: string, generation: number) => ({
  kind: 'contract',
  name: of,
  consumer,
  dataset: 'population.resident',
  generation,
  viewId,
  target: { database: 'db', table: of },
});
const source = {
  kind: 'source',
  sourceId: 'g01.population',
  tables: [{ table: 'dancu.cong_dan', dataset: 'population.resident', columns: [{ column: 'ho_ten', element: element('full-name') }] }],
};
const policy = [
  dataset(2, two),
  source,
  view('a1', 1, 'full-name'),
  view('b2', 2, 'full-name', 'email'),
  contract('insurance', 'G12.34', 'a1', 1),
  contract('tax', 'G05', 'b2', 2),
];
const told = (entries: readonly object[]) => ({ 'GET /v1/policy': { body: { entries: entries.map((entry) => ({ key: 'k', entry })) } } });
const versionOf = (subject: string, version: number, schema: string) => ({ body: { subject, version, id: 7, schema } });

beforeEach(() => {
  line.answers = {
    ...told(policy),
    [`GET /subjects/${topic(1)}-value/versions/latest?format=resolved`]: versionOf(`${topic(1)}-value`, 3, one),
    'GET /subjects/orders-value/versions/2?format=resolved': versionOf('orders-value', 2, '"int"'),
    'GET /subjects/orders-value/versions/latest?format=resolved': versionOf('orders-value', 3, '"long"'),
    'GET /config/orders-value?defaultToGlobal=true': { body: { compatibilityLevel: 'BACKWARD' } },
  };
  writeFileSync(join(line.directory, 'int.avsc'), '"int"');
  writeFileSync(join(line.directory, 'long.avsc'), '"long"');
});

describe('truc schema diff', () => {
  it('tells what a new generation changes, whom it touches, and who has not moved', async () => {
    const { code, out, err } = await line.run('schema', 'diff', 'population.resident.v1', 'population.resident.v2');
    expect([code, err]).toEqual([2, '']);
    expect(out).toBe(`A: ${topic(1)}-value version 3 (id 7)
B: population.resident.v2 (policy)

differences:
  + $.after.person_email: string

readers of B read what was written with A: no
  /fields/0/type/1/fields/1: the field person_email is not written and has no default
readers of A read what is written with B: yes

population.resident
mappings:
  g01.population dancu.cong_dan: no column for urn:vn:ddict:element:person.email
views:
  view.a1 (v1): nothing of what differs
  view.b2 (v2): person_email
subscribers:
  G12.34 (insurance, v1, db.insurance): gets nothing of what differs
  G05 (tax, v2, db.tax): gets what differs
not moved to generation 2 yet:
  G12.34 (insurance, v1, db.insurance): gets nothing of what differs
`);
  });

  it('says of versions of a subject whether one may follow the other at its level', async () => {
    const there = await line.run('schema', 'diff', 'orders-value:2', 'orders-value:latest', '--json');
    expect([there.code, JSON.parse(there.out)]).toEqual([
      2,
      expect.objectContaining({ level: 'BACKWARD', compatible: true, touches: null, policyMissing: null }),
    ]);
    const back = await line.run('schema', 'diff', 'orders-value:latest', 'int.avsc');
    expect(back.out).toContain('B may not follow A at level BACKWARD');
  });

  it('holds subjects of datasets to FULL_TRANSITIVE, and tells of a file what it would touch there', async () => {
    writeFileSync(join(line.directory, 'two.avsc'), two);
    const { out } = await line.run('schema', 'diff', `${topic(1)}-value:latest`, 'two.avsc', '--lang', 'vi');
    expect(out).toContain('B không thể kế tiếp A ở mức FULL_TRANSITIVE');
    expect(out).toContain('G05 (tax, v2, db.tax): nhận phần khác biệt');
  });

  it('compares files where there is no backbone, and says what it could not look at', async () => {
    line.answers = { 'GET /v1/policy': { status: 503, body: {} } };
    const failing = await line.run('schema', 'diff', 'int.avsc', 'long.avsc');
    expect(failing.code).toBe(1);
    line.answers = told([]);
    const { code, out } = await line.run('schema', 'diff', 'int.avsc', 'int.avsc');
    expect([code, out]).toEqual([0, expect.stringContaining('the schemas say the same')]);
  });

  it.each([
    ['nothing.avsc', 3, /there is no file "nothing.avsc"; name a file, SUBJECT:VERSION/],
    ['orders-value:9', 1, /has no version 9 of orders-value/],
    ['population.nobody.v1', 1, /there is no dataset population\.nobody that you may read; there are population\.resident\.v2/],
  ])('says of %s what is wrong with it', async (side, code, message) => {
    line.answers['GET /subjects/orders-value/versions/9?format=resolved'] = {
      status: 404,
      body: { error_code: 40402, message: 'Version 9 not found.' },
    };
    const found = await line.run('schema', 'diff', side, 'int.avsc');
    expect([found.code, found.err]).toEqual([code, expect.stringMatching(message)]);
  });
});
