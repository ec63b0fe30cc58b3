import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandLine } from './command-line.test-data.js';

const id = 'urn:vn:ddict:element:person.full-name';
const change = {
  id,
  change: 'changed',
  fields: ['version', 'classification'],
  codes: null,
  status: { before: 'approved', after: 'approved' },
  version: { before: '1.0.0', after: '1.1.0' },
  stewards: ['G01', null],
};
const origin = { appliedBy: 'hoa', appliedAt: '2026-01-02T17:30:00.000Z', proposal: 3, proposer: 'lan', note: 'why' };

describe('truc dictionary', () => {
  let line: CommandLine;
  beforeEach(async () => {
    line = new CommandLine();
    await line.open();
    writeFileSync(join(line.directory, 'person.yaml'), 'elements: []\n');
  });
  afterEach(() => line.close());

  it('proposes files with a note, and shows what they change', async () => {
    line.answers['POST /v1/dictionary/proposals'] = { body: { proposal: { number: 3, isNew: true, changes: [change] } } };
    const { code, out } = await line.run('dictionary', 'propose', '-f', 'person.yaml', '--note', 'Decree 278', '--lang', 'vi');
    expect(code).toBe(0);
    expect(out).toContain(`${id}  changed  1.0.0 -> 1.1.0  approved  G01 -> the authority  classification`);
    expect(out).toContain('truc dictionary try 3');
    expect(line.asked).toMatchObject([
      {
        language: 'vi',
        authorization: 'Bearer token-of-local',
        body: { note: 'Decree 278', dryRun: false, files: [{ path: 'person.yaml' }] },
      },
    ]);
  });

  it.each<[string, object, number, string[], number]>([
    ['a trial that finds changes', { proposal: { number: null, isNew: true, changes: [change] } }, 200, ['--dry-run'], 2],
    ['a trial that finds none', { proposal: null }, 200, ['--dry-run'], 0],
    ['what is proposed already', { proposal: { number: 3, isNew: false, changes: [change] } }, 200, [], 0],
    ['files with problems', { problems: [{ file: 'person.yaml', line: 1, column: 2, code: 'X', message: 'bad' }] }, 422, [], 2],
  ])('ends as it should for %s', async (_, body, status, more, expected) => {
    line.answers['POST /v1/dictionary/proposals'] = { status, body };
    const { code, err } = await line.run('dictionary', 'propose', '-f', 'person.yaml', ...more);
    expect(code).toBe(expected);
    expect(err).toBe(status === 422 ? 'person.yaml:1:2: bad\n\nnothing was proposed\n' : '');
  });

  it('approves as somebody else, or says what stands in the way', async () => {
    const path = 'POST /v1/dictionary/proposals/3/approval';
    line.answers[path] = { body: { number: 3, release: 4, pending: null } };
    expect(await line.run('dictionary', 'approve', '3', '--context', 'other')).toEqual({
      code: 0,
      out: 'proposal 3 is release 4\n',
      err: '',
    });
    expect(line.asked).toMatchObject([{ authorization: 'Bearer token-of-other', body: { comment: '' } }]);
    line.answers[path] = {
      status: 422,
      body: { problems: [{ file: id, line: 1, column: 1, code: 'DICTIONARY_OVERTAKEN', message: 'changed since' }] },
    };
    expect(await line.run('dictionary', 'approve', '3')).toEqual({
      code: 2,
      out: '',
      err: `${id}: changed since\n\nproposal 3 was not approved\n`,
    });
    line.answers[path] = { status: 403, body: { code: 'PLATFORM_ACCESS_DENIED', message: 'four eyes' } };
    expect(await line.run('dictionary', 'approve', '3')).toEqual({ code: 1, out: '', err: 'four eyes\n' });
    expect((await line.run('dictionary', 'approve', '3', '--context', 'third')).err).toContain('no context "third"');
  });

  it('tries a proposal on everything that was applied', async () => {
    const path = 'GET /v1/dictionary/proposals/3/trial';
    line.answers[path] = { body: { release: 4, problems: [], subjects: [], hidden: 0 } };
    expect(await line.run('dictionary', 'try', '3')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/would be release 4\n[^]*--log FILE[^]*nothing breaks\n$/),
    });
    const violation = { rule: 'D2', path: '$', element: id, expected: 'int', found: 'string', hint: '' };
    const subjects = [
      { subject: 'data.g01.a.b.v1-value', dataset: 'a.b', agency: 'G01', contracts: [], violations: [violation], incompatibilities: [] },
      { subject: 'view.x-value', dataset: 'a.b', agency: 'G01', contracts: ['tax'], violations: [], incompatibilities: ['/after: no'] },
    ];
    const problems = [{ file: '(applied contract tax)', line: 1, column: 1, code: 'X', message: 'does not stand' }];
    line.answers[path] = { body: { release: 4, problems, subjects, hidden: 2 } };
    const { code, out } = await line.run('dictionary', 'try', '3');
    expect(code).toBe(2);
    expect(out).toContain('  (applied contract tax): does not stand\n\n2 more concern documents of others\n');
    expect(out).toMatch(/data\.g01\.a\.b\.v1-value +G01 +D2 +\S+ +int, not string\n/);
    expect(out).toMatch(/view\.x-value +G01, contract tax +Avro +\/after: no\n/);
    line.answers[path] = { body: { release: null, problems, subjects: [], hidden: 0 } };
    expect(await line.run('dictionary', 'try', '3', '--log', 'nothing')).toMatchObject({
      code: 2,
      out: expect.stringContaining('makes no release'),
    });
  });

  it('reviews, rejects and withdraws with what is said', async () => {
    for (const what of ['reviews', 'rejection', 'withdrawal']) line.answers[`POST /v1/dictionary/proposals/3/${what}`] = { body: {} };
    expect((await line.run('dictionary', 'review', '3', '--agree')).code).toBe(0);
    expect((await line.run('dictionary', 'review', '3', '--object', '--comment', 'no')).code).toBe(0);
    expect((await line.run('dictionary', 'reject', '3', '--comment', 'no')).code).toBe(0);
    expect((await line.run('dictionary', 'withdraw', '3')).code).toBe(0);
    expect(line.asked.map(({ what, body }) => [what.split('/').at(-1), body])).toEqual([
      ['reviews', { verdict: 'agreed', comment: '' }],
      ['reviews', { verdict: 'objected', comment: 'no' }],
      ['rejection', { comment: 'no' }],
      ['withdrawal', { comment: '' }],
    ]);
  });

  it.each([
    [['review', '3']],
    [['review', '3', '--agree', '--object']],
    [['review', '3', '--object']],
    [['reject', '3']],
    [['approve', 'three']],
    [['propose']],
    [['show', 'person.full-name']],
    [['history', '7']],
  ])('takes %j for a mistake of usage', async (args) => {
    expect((await line.run('dictionary', ...args)).code).toBe(3);
    expect(line.asked).toEqual([]);
  });

  it('shows a proposal, an entry and histories with times of Viet Nam', async () => {
    const event = { at: '2026-01-02T17:30:00.000Z', principal: 'an', agency: 'G12', event: 'objected', comment: 'too early' };
    const proposal = {
      number: 3,
      base: 2,
      note: 'why',
      proposer: 'lan',
      agency: 'G01',
      state: 'proposed',
      release: null,
      proposedAt: event.at,
      endedAt: null,
      changes: [change],
      events: [event, event],
    };
    line.answers['GET /v1/dictionary/proposals/3'] = { body: proposal };
    const shown = (await line.run('dictionary', 'show', '3')).out;
    expect(shown).toMatch(/^proposal 3: proposed\nby lan \(G01\), 2026-01-03 00:30, of release 2: why\n/);
    expect(shown).toMatch(/2026-01-03 00:30 +an +objected +too early\n$/);
    const entries = Array.from({ length: 30 }, (_, code) => ({ code: `c${code}` }));
    const history = [{ ...origin, release: 4, version: '1.1.0', status: 'approved', steward: null }];
    line.answers[`GET /v1/dictionary/entries/${encodeURIComponent(id)}`] = { body: { release: 4, entry: { id, entries }, history } };
    const entry = (await line.run('dictionary', 'show', id)).out;
    expect(entry).toContain('and 10 more codes');
    expect(entry).not.toContain('c20');
    expect((await line.run('dictionary', 'history', id)).out).toMatch(/\n4 +1\.1\.0 +approved +2026-01-03 00:30 +hoa +3 +lan +why\n$/);
    line.answers['GET /v1/dictionary/releases'] = { body: { releases: [{ ...origin, number: 4 }] } };
    expect((await line.run('dictionary', 'history')).out).toMatch(/\n4 +2026-01-03 00:30 +hoa +3 +lan +why\n$/);
    const empty = { concepts: [], elements: [], valueDomains: [], codeLists: [] };
    line.answers['GET /v1/dictionary/releases/latest'] = { body: { number: 4, content: empty } };
    line.answers['GET /v1/dictionary/proposals'] = { body: { proposals: [proposal, { ...proposal, number: 2, state: 'rejected' }] } };
    const overview = (await line.run('dictionary', 'show')).out;
    expect(overview).toMatch(/^release 4: 0 concepts, 0 elements, 0 value domains, 0 code lists\n/);
    expect(overview.trimEnd().split('\n')).toHaveLength(4);
    const codeLists = [
      { id: 'urn:vn:ddict:codelist:commune', entries: [] },
      { id: 'urn:vn:ddict:codelist:sex', entries },
    ];
    line.answers['GET /v1/dictionary/releases/latest'] = { body: { number: 4, content: { ...empty, codeLists } } };
    expect((await line.run('dictionary', 'show')).out).toContain('\nrule V3 judges nothing by commune: no entries were supplied');
    expect(JSON.parse((await line.run('dictionary', 'show', '-o', 'json')).out)).toMatchObject({
      notLoaded: ['urn:vn:ddict:codelist:commune'],
    });
  });
});
