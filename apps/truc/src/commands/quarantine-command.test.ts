import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatasetQuality, ShownHeldRow } from '@truc/pipeline';
import { CommandLine } from './command-line.test-data.js';

const commands = (agency: string) => `POST /v1/agents/${agency}/commands`;
const source = (agency: string, database: string, dataset: string) => ({
  key: `source/${agency}/${database}`,
  entry: { kind: 'source', agency, database, sourceId: 'x', tables: [{ dataset }] },
});
const now = Date.now();
const quality: DatasetQuality = {
  agency: 'G01',
  source: 'population',
  dataset: 'population.resident',
  lookedAtMs: now,
  heldRows: 12,
  staleRows: 5,
  oldestHeldAtMs: now - 3 * 86_400_000,
  days: [{ day: new Date(now + 7 * 3_600_000).toISOString().slice(0, 10), refused: 9, released: 2 }],
  rules: [
    {
      rule: 'V2',
      element: 'urn:vn:ddict:element:person.full-name',
      field: 'person_full_name',
      heldRows: 9,
      oldestHeldAtMs: now - 7_200_000,
      newestHeldAtMs: now - 30_000,
      reasons: { 'double-space': 8, 'reason-of-tomorrow': 1 },
      refused: [{ day: new Date(now + 7 * 3_600_000).toISOString().slice(0, 10), rows: 9 }],
      examples: [{ entry: '1024', heldAtMs: now, form: 'Xxx  <b>&Xx' }],
    },
    {
      rule: 'V3',
      element: null,
      field: 'gioi_tinh',
      heldRows: 3,
      oldestHeldAtMs: now,
      newestHeldAtMs: now,
      reasons: { 'not-in-code-list': 3 },
      refused: [],
      examples: [],
    },
  ],
  rulesLeftOut: 0,
  rowsLeftOut: 70_000,
  unreadable: 1,
  counters: {
    sinceMs: now,
    rows: 1000,
    findings: [{ rule: 'V2', element: 'urn:vn:ddict:element:person.full-name', outcome: 'quarantined', findings: 25 }],
  },
};
const row: ShownHeldRow = {
  agency: 'G01',
  dataset: 'population.resident',
  entry: '1024',
  state: 'held-anew',
  newerEntry: '2048',
  table: 'dancu.cong_dan',
  position: '1/2/3',
  heldAtMs: now - 60_000,
  isStale: true,
  reasons: [
    { rule: 'V2', element: 'urn:vn:ddict:element:person.full-name', field: 'person_full_name', reason: 'double-space', column: 'ho_ten' },
  ],
  columns: [
    { column: 'ho_ten', form: 'Xxx  Xx' },
    { column: 'ngay_sinh', form: null },
  ],
};

describe('truc quarantine and truc quality', () => {
  let line: CommandLine;
  const answer = (detail: object, ok = true, message = 'quarantine') => ({ body: { id: 'x', ok, message, detail } });

  beforeEach(async () => {
    line = new CommandLine();
    await line.open();
    line.answers = {
      'GET /v1/policy': {
        body: { entries: [source('G01', 'population', 'population.resident'), source('G12', 'administrative', 'social.enterprise')] },
      },
      [commands('G01')]: answer({ quality }),
      [commands('G12')]: { status: 504, body: { code: 'PLATFORM_AGENT_SILENT', message: 'the agent did not answer in time' } },
    };
  });
  afterEach(() => line.close());

  it('lists what is held of one agency, with counts and ages', async () => {
    const { code, out } = await line.run('quarantine', 'list', '--agency', 'G01');
    expect(code).toBe(0);
    expect(out).toMatch(/G01 +population\.resident +V2 +person\.full-name +double-space 8, reason-of-tomorrow 1 +9 +2h +30s +1024/);
    expect(out).toContain('12 rows are held; of 5 of them');
    expect(out).toContain('1 records of its quarantine cannot be read');
    expect(out).toContain('12 rows are shown, and at most 70000 more are held that are not');
    expect(line.asked.at(-1)?.body).toEqual({
      command: 'quarantine',
      source: 'population',
      quarantine: { dataset: 'population.resident', entry: null },
      timeoutMs: 60_000,
    });
  });

  it('tells of the others when an agent is silent, and ends with 1', async () => {
    const { code, out } = await line.run('quarantine', 'list', '-o', 'json', '--rule', 'v3');
    const told = JSON.parse(out) as { held: unknown[]; unanswered: unknown[] };
    expect(code).toBe(1);
    expect(told.held).toMatchObject([{ rule: 'V3', field: 'gioi_tinh', heldRows: 3 }]);
    expect(told.unanswered).toEqual([
      { agency: 'G12', source: 'administrative', dataset: 'social.enterprise', reason: 'the agent did not answer in time' },
    ]);
  });

  it('waits once for an agent that is silent, however many datasets it has', async () => {
    const both = source('G12', 'administrative', 'social.enterprise');
    both.entry.tables.push({ dataset: 'social.worker' });
    line.answers['GET /v1/policy'] = { body: { entries: [both] } };
    const { out } = await line.run('quarantine', 'list', '-o', 'json');
    const { unanswered } = JSON.parse(out) as { unanswered: { dataset: string }[] };
    expect(unanswered.map(({ dataset }) => dataset)).toEqual(['social.enterprise', 'social.worker']);
    expect(line.asked.filter(({ what }) => what.startsWith('POST'))).toHaveLength(1);
  });

  it('shows one row by its entry, in either language', async () => {
    line.answers[commands('G01')] = answer({ row });
    const shown = await line.run('quarantine', 'show', 'G01', 'population.resident', '1024');
    expect(shown).toMatchObject({ code: 0 });
    expect(shown.out).toContain('held, now by entry 2048');
    expect(shown.out).toContain('V2 ho_ten (person.full-name): the text has two spaces in a row');
    expect(shown.out).toMatch(/ho_ten +"Xxx {2}Xx"\n +ngay_sinh +NULL/);
    const vi = await line.run('quarantine', 'show', 'G01', 'population.resident', '1024', '--lang', 'vi');
    expect(vi.out).toContain('văn bản có hai khoảng trắng liền nhau');
  });

  it('says what the agent refuses, and which datasets there are', async () => {
    line.answers[commands('G01')] = answer({}, false, 'the quarantine of population.resident has no entry 7');
    const refused = await line.run('quarantine', 'show', 'G01', 'population.resident', '7');
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('has no entry 7') as string });
    const unknown = await line.run('quarantine', 'list', '--dataset', 'nothing');
    expect(unknown).toMatchObject({ code: 1, err: expect.stringContaining('G01 population.resident, G12 social.enterprise') as string });
    for (const wrong of [
      ['quarantine', 'show', 'G01', 'population.resident', 'x'],
      ['quarantine', 'list', '--rule', 'D1'],
      ['quality', 'report', '-o', 'pdf'],
      ['quarantine', 'export', 'G01', 'population.resident', '--config', 'x', '--out', 'y', '--rule', 'D1'],
      ['quarantine', 'export', 'g01', 'population.resident', '--config', 'x', '--out', 'y'],
    ])
      expect((await line.run(...wrong)).code).toBe(3);
  });

  it('asks the agent to read rows again, and says what it answers', async () => {
    line.answers[commands('G01')] = answer({}, true, '3 rows were read again');
    const again = await line.run('quarantine', 'retry', 'G01', 'population.resident', '--rule', 'v9');
    expect(again).toMatchObject({ code: 0, out: '3 rows were read again\n' });
    const body = {
      command: 'retry',
      source: 'population',
      quarantine: { dataset: 'population.resident', entry: null, rule: 'V9' },
      timeoutMs: 60_000,
    };
    expect(line.asked.at(-1)?.body).toEqual(body);
    line.answers[commands('G01')] = answer({}, false, 'the capture of population is paused');
    expect(await line.run('quarantine', 'retry', 'G01', 'population.resident', '--entry', '7')).toMatchObject({
      code: 1,
      err: 'the capture of population is paused\n',
    });
    expect((await line.run('quarantine', 'retry', 'G01', 'population.resident', '--entry', 'x')).code).toBe(3);
  });

  it('reports shares, the trend and what is counted twice', async () => {
    const { code, out } = await line.run('quality', 'report', '--agency', 'G01');
    expect(code).toBe(0);
    expect(out).toMatch(/V2 +person\.full-name +9 +25 +0 +2\.5 % +·············█ +double-space 8/);
    expect(out).toContain('are counted again');
    const vi = await line.run('quality', 'report', '--agency', 'G01', '--lang', 'vi');
    expect(vi.out).toMatch(/2,5 %/);
  });

  it.each(['vi', 'en'])('prints a page in %s that a value cannot break out of', async (lang) => {
    const { code, out } = await line.run('quality', 'report', '-o', 'html', '--lang', lang);
    expect(code).toBe(1);
    expect(out).toContain(`<html lang="${lang}">`);
    expect(out).toContain('Xxx  &#60;b&#62;&#38;Xx');
    expect(out).toContain('the agent did not answer in time');
    expect(out).not.toMatch(/<script|https?:|undefined|null|NaN/);
    expect(out.match(/<t[dh][ >]/g)).toHaveLength(out.match(/<\/t[dh]>/g)?.length ?? 0);
  });

  it('writes the report to a file for its owner, and over none that is there', async () => {
    const args = ['quality', 'report', '--agency', 'G01', '-o', 'html', '--out', 'quality.html'];
    expect((await line.run(...args)).code).toBe(0);
    const path = join(line.directory, 'quality.html');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect((await line.run(...args)).err).toContain('--force');
    expect((await line.run(...args, '--force')).code).toBe(0);
    expect(readFileSync(path, 'utf8')).toContain('</html>');
  });

  it('exports with the credentials of the agency alone', async () => {
    const kafka = { brokers: ['127.0.0.1:1'], username: 'agent.g12', password: 'x', mechanism: 'SCRAM-SHA-512' };
    writeFileSync(join(line.directory, 'agent.json'), JSON.stringify({ seats: [{ agency: 'G12', kafka }] }));
    const { code, err } = await line.run(
      'quarantine',
      'export',
      'G01',
      'population.resident',
      '--config',
      'agent.json',
      '--out',
      'held.csv',
    );
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('has no seat of G01; it has G12') as string });
    expect(line.asked).toEqual([]);
  });
});
