import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandLine } from './command-line.test-data.js';

const line = new CommandLine();
beforeAll(() => line.open());
afterAll(() => line.close());

const subject = 'data.g01.population.resident.v2-value';
const schema = '{\n  "type": "record",\n  "name": "R",\n  "fields": [{ "name": "a", "type": "string" }]\n}\n';
const notFound = { status: 404, body: { error_code: 40401, message: 'Subject not found.' } };
const dataset = (generation: number) => ({
  key: `d${generation}`,
  entry: { kind: 'dataset', name: 'population.resident', generation, agency: 'G01', topic: `data.g01.population.resident.v${generation}` },
});
const violation = (rule: string, path: string) => ({ rule, path, element: null, expected: 'an element', found: 'none', hint: 'name one' });
const judging = `POST /compatibility/subjects/${subject}/versions?verbose=true`;

beforeEach(() => {
  line.answers = {
    'GET /v1/policy': { body: { entries: [dataset(1), dataset(2)] } },
    [`POST /subjects/${subject}`]: notFound,
    [judging]: { body: { is_compatible: true, messages: [] } },
    [`POST /subjects/${subject}/versions`]: { body: { id: 12, version: 3 } },
  };
  line.asked.length = 0;
  writeFileSync(join(line.directory, 'resident.avsc'), schema);
});
const register = (...more: string[]) => line.run('schema', 'register', 'resident.avsc', '--dataset', 'population.resident', ...more);
const wasRegistered = () => line.asked.some(({ what }) => what === `POST /subjects/${subject}/versions`);

describe('truc schema register', () => {
  it('registers under the dataset of the latest generation, as the file has it', async () => {
    const { code, out } = await register();
    expect([code, out]).toEqual([0, `registered as version 3 of ${subject}, id 12\n`]);
    const { body, authorization } = line.asked.at(-1) ?? {};
    expect([body, authorization]).toEqual([{ schema, references: [] }, 'Bearer token-of-local']);
  });

  it('registers nothing in a dry run', async () => {
    const { code, out } = await register('--dry-run', '--json');
    expect([code, JSON.parse(out).verdict, wasRegistered()]).toEqual([0, 'acceptable', false]);
  });

  it('finds what is registered already', async () => {
    line.answers[`POST /subjects/${subject}`] = { body: { subject, id: 4, version: 1, schema } };
    const { code, out } = await register();
    expect([code, out, wasRegistered()]).toEqual([0, `${subject} has it already: version 1, id 4\n`, false]);
  });

  it('tells all violations with their places, and registers nothing', async () => {
    const violations = [violation('D1', '$.fields[0]'), violation('D5', '$')];
    line.answers[judging] = { status: 422, body: { error_code: 42201, message: 'breaks 2 rules', violations } };
    const { code, out } = await register('--lang', 'vi');
    expect([code, wasRegistered()]).toEqual([2, false]);
    expect(out).toBe(
      'resident.avsc:4:14 D1 $.fields[0]: yêu cầu an element, thực tế none. name one\n' +
        'resident.avsc:1:1 D5 $: yêu cầu an element, thực tế none. name one\n' +
        `${subject} không nhận lược đồ này; chưa đăng ký gì\n`,
    );
    expect(line.asked.at(-1)?.language).toBe('vi');
  });

  it('tells everything that is incompatible', async () => {
    line.answers[judging] = {
      body: { is_compatible: false, messages: ['first', '{oldSchemaVersion: 1}', '{oldSchema: x}', "{validateFields: 'false'}"] },
    };
    const { code, out } = await register();
    expect([code, out]).toEqual([
      2,
      expect.stringMatching(/incompatible with earlier versions:\n {2}first\n {2}\{oldSchemaVersion: 1\}\ndata/),
    ]);
  });

  it('tells what only the registration itself finds, as who may register', async () => {
    line.answers[`POST /subjects/${subject}/versions`] = {
      status: 422,
      body: { error_code: 42201, message: 'no', violations: [violation('D6', '$')] },
    };
    const { code, out } = await register();
    expect([code, out]).toEqual([2, expect.stringContaining('D6 $')]);
  });

  it('takes names that other subjects define', async () => {
    writeFileSync(join(line.directory, 'person.avsc'), '{"type":"record","name":"P","fields":[{"name":"a","type":"Address"}]}');
    line.answers = {
      'POST /subjects/p': notFound,
      'POST /compatibility/subjects/p/versions?verbose=true': { body: { is_compatible: true } },
      'POST /subjects/p/versions': { body: { id: 1 } },
    };
    const { code } = await line.run('schema', 'register', 'person.avsc', '--subject', 'p', '--reference', 'Address=:.x:address:2');
    expect(code).toBe(0);
    expect(line.asked.at(-1)?.body.references).toEqual([{ name: 'Address', subject: ':.x:address', version: 2 }]);
  });

  it.each([
    [['resident.avsc'], 3, /--subject or --dataset/],
    [['resident.avsc', '--subject', 's', '--reference', 'x'], 3, /NAME=SUBJECT:VERSION/],
    [['nothing.avsc', '--subject', 's'], 1, /nothing\.avsc:1:1: the file cannot be read: there is no such file/],
    [['broken.avsc', '--subject', 's'], 1, /broken\.avsc:1:3: the file is not JSON from here on/],
    [['wrong.avsc', '--subject', 's'], 1, /wrong\.avsc:1:\d+: the file is JSON, but no Avro schema/],
    [['resident.avsc', '--dataset', 'x.y'], 1, /there is no dataset x\.y that you may read; there are population\.resident/],
    [['resident.avsc', '--subject', 's', '--to', 'http://a:b@127.0.0.1:1'], 3, /without a password in it/],
  ])('says what is wrong with %j', async (args, code, message) => {
    writeFileSync(join(line.directory, 'broken.avsc'), '{ x');
    writeFileSync(join(line.directory, 'wrong.avsc'), '{"type":"record"}');
    const found = await line.run('schema', 'register', ...args);
    expect([found.code, found.err]).toEqual([code, expect.stringMatching(message)]);
  });
});
