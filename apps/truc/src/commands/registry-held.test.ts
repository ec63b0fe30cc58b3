import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportFormat } from '../registry/export-record.js';
import { ExportWriter } from '../registry/export-writer.js';
import { CommandLine } from './command-line.test-data.js';

const line = new CommandLine();
beforeAll(() => line.open());
afterAll(() => line.close());

const subject = 'data.g01.population.resident.v1-value';
const violation = (rule: string) => ({ rule, path: 'after.x', element: null, expected: 'an element', found: 'none', hint: 'name one' });
const version = (name: string, id: number, references: { name: string; subject: string; version: number }[] = []) => ({
  kind: 'version' as const,
  subject: name,
  version: 1,
  id,
  guid: null,
  schemaType: 'AVRO',
  schema: '"int"',
  references,
  metadata: null,
  ruleSet: null,
  deleted: false,
});

/** An export of a registry that is not ours: what it holds is judged as what anybody registers. */
async function exported(): Promise<void> {
  const writer = await ExportWriter.open(join(line.directory, 'foreign.jsonl'), true);
  await writer.add(version(subject, 1));
  await writer.add(version('uses-it', 2, [{ name: 'R', subject, version: 1 }]));
  await writer.add(version('fine', 3));
  const head = { kind: 'export', format: exportFormat, url: 'http://elsewhere', ours: false, madeAt: '2026-11-01T00:00:00.000Z' } as const;
  await writer.finish(head, [{ kind: 'context', context: '.', lastId: 3 }]);
}

beforeEach(async () => {
  await exported();
  const taken = { ...version('fine', 3), guid: 'g' };
  line.asked.length = 0;
  let isThere = false;
  line.answers = {
    'GET /truc/last-ids': { body: [{ context: '.', lastId: 3 }] },
    'PUT /truc/last-ids': { body: [] },
    'GET /truc/settings?offset=0&limit=1000': { body: [] },
    get 'GET /schemas?deleted=true&subjectPrefix=%3A*%3A&offset=0&limit=1'() {
      return { body: isThere ? [taken] : [] };
    },
    'GET /schemas?deleted=true&subjectPrefix=%3A*%3A&offset=0&limit=1000': { body: [taken] },
    'PUT /mode?force=true': { body: { mode: 'IMPORT' } },
    'DELETE /mode': { body: { mode: 'IMPORT' } },
    [`POST /subjects/${subject}/versions`]: {
      status: 422,
      body: { error_code: 42201, message: 'breaks 2 rules', violations: [violation('D1'), violation('D5')] },
    },
    get 'POST /subjects/fine/versions'() {
      isThere = true;
      return { body: { id: 3 } };
    },
  };
});

describe('truc registry import, of what the dictionary refuses', () => {
  it('lists each version that stays behind with every violation, and takes the rest', async () => {
    const { code, out, err } = await line.run('registry', 'import', '--file', 'foreign.jsonl', '--json');
    expect([code, err]).toEqual([2, '']);
    expect(JSON.parse(out)).toMatchObject({
      verdict: 'held',
      versions: { inSource: 3, registered: 1, verified: 1 },
      held: [
        { subject, version: 1, id: 1, reason: 'breaks 2 rules', violations: [violation('D1'), violation('D5')] },
        { subject: 'uses-it', version: 1, reason: `it refers to version 1 of ${subject}, which stays behind`, violations: [] },
      ],
    });
    // A foreign export is no restore.
    expect(line.asked.some(({ what }) => what.includes('restore=true'))).toBe(false);
    expect(line.asked.find(({ what }) => what === 'POST /subjects/fine/versions')?.body).toMatchObject({ id: 3, version: 1 });
  });

  it('tells it a person, in Vietnamese too', async () => {
    const { out } = await line.run('registry', 'import', '--file', 'foreign.jsonl', '--lang', 'vi');
    expect(out).toContain('phiên bản bị giữ lại: 2');
    expect(out).toContain(`  ${subject} 1 (id 1): breaks 2 rules\n  - D1 after.x: an element <> none. name one\n  - D5`);
  });

  it('tells it in a dry run, and writes nothing', async () => {
    const judging = (name: string) => `POST /compatibility/subjects/${name}/versions?verbose=true`;
    line.answers[judging(subject)] = line.answers[`POST /subjects/${subject}/versions`]!;
    line.answers[judging('fine')] = { body: { is_compatible: true } };
    const { code, out } = await line.run('registry', 'import', '--file', 'foreign.jsonl', '--dry-run');
    expect([code, out]).toEqual([2, expect.stringMatching(/breaks 2 rules[^]*nothing was written/)]);
    expect(line.asked.filter(({ what }) => !what.startsWith('GET') && !what.includes('/compatibility/'))).toEqual([]);
  });
});

describe('secrets of a registry', () => {
  it.each([
    [['--from', 'http://user:secret@127.0.0.1:1'], /without a password in it/],
    [['--from', 'http://registry.example', '--from-user', 'u', '--from-password-file', 'pw'], /would read the password; write https:\/\//],
    [['--from', 'http://127.0.0.1:1', '--from-user', 'u'], /--from-user goes with --from-password-file/],
    [['--from-token-env', 'PW'], /--from-\.\.\. goes with --from URL/],
    [['--from', 'http://127.0.0.1:1', '--from-token-file', 'pw', '--from-user', 'u', '--from-password-file', 'pw'], /two ways to come in/],
    [['--from', 'ftp://127.0.0.1'], /takes http or https/],
    [['--from', 'nowhere'], /takes an address like/],
    [['--from', 'http://127.0.0.1:1', '--file', 'x'], /--from URL or --file FILE/],
    [['--file', 'x', '--into-context', 'a:b'], /--into-context takes a context of a registry/],
  ])('are asked for rightly: %j', async (args, message) => {
    writeFileSync(join(line.directory, 'pw'), 'very-secret\n');
    const { code, err } = await line.run('registry', 'import', ...args);
    expect([code, err]).toEqual([3, expect.stringMatching(message)]);
    expect(err).not.toContain('secret');
  });

  it('are named where they are missing', async () => {
    const { code, err } = await line.run('registry', 'import', '--from', 'http://127.0.0.1:1', '--from-token-env', 'NOWHERE');
    expect([code, err]).toEqual([1, '--from-token-env names NOWHERE, which is empty or not there\n']);
  });
});
