import 'reflect-metadata';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { parsePrincipal, signToken } from '@truc/access';
import type { DocumentFile } from '@truc/coordination';
import { CoordinationStore, loadTokenKey, signAdministratorToken } from '@truc/coordination-store';
import { createLogger, Telemetry } from '@truc/telemetry';
import { testPostgres } from '@truc/testing';
import { ApplyController } from './apply.js';
import { CallerGuard } from './caller.js';
import { DictionaryController } from './dictionary.js';
import { HttpProblem } from './http-problem.js';
import { proposalsOpenMax } from './proposal-desk.js';
import { ProposalsController } from './proposals.js';
import { Planning } from './planning.js';
import { Publication } from './publication.js';

const root = new URL('../../../schemas/dictionary/', import.meta.url);
const dictionary: DocumentFile[] = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.yaml'))
  .map((path) => ({ path, text: readFileSync(new URL(path, root), 'utf8') }));
const urn = (name: string): string => `urn:vn:ddict:element:${name}`;

/** The file that holds an element, with something changed in that element and its version raised. */
function changedElement(name: string, find: string, replacement: string): DocumentFile {
  const file = dictionary.find(({ text }) => text.includes(`id: ${urn(name)}\n`));
  if (file === undefined) throw new Error(`no file holds ${name}`);
  const pattern = new RegExp(`(id: ${urn(name)}\\n    version: )'1\\.0\\.0'([\\s\\S]*?)${find}`);
  const text = file.text.replace(pattern, `$1'1.1.0'$2${replacement}`);
  if (text === file.text) throw new Error(`${name} does not hold ${find}`);
  return { path: file.path, text };
}
const openName = changedElement('person.full-name', 'classification: personal', 'classification: shared');
const vehicle = changedElement('vehicle.plate-number', 'legalBasis: null', 'legalBasis: Circular 1');

interface Reply {
  readonly status: number;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers are judged by what they hold
  readonly body: any;
}

describe('the dictionary over HTTP', () => {
  const directory = mkdtempSync(join(tmpdir(), 'truc-dictionary-'));
  const keyFile = join(directory, 'token.json');
  const telemetry = new Telemetry({ service: 'platform', otlpEndpoint: null });
  let database: Awaited<ReturnType<typeof testPostgres>>;
  let store: CoordinationStore;
  let app: NestExpressApplication;
  const planning = new Planning();
  let url: string;
  let publications = 0;
  const tokens = new Map<string, string>();

  async function call(as: string, method: string, path: string, body?: unknown): Promise<Reply> {
    const response = await fetch(`${url}/v1/${path}`, {
      method,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${tokens.get(as) ?? as}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : JSON.parse(text) };
  }

  const proposeAs = (as: string, file: DocumentFile, more: object = {}): Promise<Reply> =>
    call(as, 'POST', 'dictionary/proposals', { files: [file], note: 'why', ...more });

  beforeAll(async () => {
    database = await testPostgres();
    store = await CoordinationStore.open({ url: database.url });
    const key = await loadTokenKey(keyFile);
    tokens.set('administrator', await signAdministratorToken(keyFile, { expiresInSeconds: 600 }));
    for (const [name, role, agency] of [
      ['lan.g01', 'integrator', 'G01'],
      ['minh.g01', 'integrator', 'G01'],
      ['an.g12', 'integrator', 'G12'],
      ['hoa', 'dictionary-authority', null],
      ['binh', 'dictionary-authority', null],
      ['nam', 'reader', null],
    ] as const) {
      await store.addPrincipal({ name, role, agency, createdBy: 'administrator' });
      tokens.set(name, await signToken(key.privateJwk, parsePrincipal({ name, role, agency }), { expiresInSeconds: 600 }));
    }
    const publish = async () => {
      publications += 1;
      return { topicsCreated: [], published: [] };
    };
    @Module({
      controllers: [ApplyController, ProposalsController, DictionaryController],
      providers: [
        { provide: CoordinationStore, useValue: store },
        { provide: Publication, useValue: { publish } },
        { provide: Planning, useValue: planning },
      ],
    })
    class DictionaryModule {}
    app = await NestFactory.create<NestExpressApplication>(DictionaryModule, { logger: false, bodyParser: false });
    app.useBodyParser('json', { limit: 24 * 1024 * 1024 });
    app.useGlobalGuards(new CallerGuard(key, store, telemetry, false));
    app.useGlobalFilters(new HttpProblem(createLogger('platform', { level: 'silent', terminal: false })));
    await app.listen(0, '127.0.0.1');
    url = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
  });

  afterAll(async () => {
    await app?.close();
    await planning.close();
    await store?.close();
    await database?.drop();
    await telemetry.shutdown();
    rmSync(directory, { recursive: true, force: true });
  });

  it('begins with what the administrator applies, at once, and with nothing else', async () => {
    expect((await proposeAs('lan.g01', openName)).body.message).toContain('there is no dictionary yet');
    expect((await call('lan.g01', 'POST', 'apply', { files: dictionary })).status).toBe(403);
    expect(await call('administrator', 'POST', 'apply', { files: dictionary })).toMatchObject({
      status: 200,
      body: { created: ['dictionary/1'], proposal: null },
    });
    expect((await call('nam', 'GET', 'dictionary/releases/latest')).body).toMatchObject({ number: 1 });
  });

  it('takes a proposal from the steward, once, and shows what it changes', async () => {
    const trial = await proposeAs('lan.g01', openName, { dryRun: true });
    const changes = [{ id: urn('person.full-name'), change: 'changed', fields: ['version', 'classification'], stewards: ['G01'] }];
    expect(trial).toMatchObject({ status: 200, body: { proposal: { number: null, isNew: true, changes } } });
    expect((await proposeAs('lan.g01', openName)).body).toMatchObject({ proposal: { number: 1, isNew: true, changes } });
    expect((await proposeAs('lan.g01', openName)).body).toMatchObject({ proposal: { number: 1, isNew: false } });
    expect((await call('nam', 'GET', 'dictionary/proposals/1')).body).toMatchObject({
      state: 'proposed',
      proposer: 'lan.g01',
      note: 'why',
      changes,
      events: [{ event: 'proposed', principal: 'lan.g01', agency: 'G01' }],
    });
    // An apply of the same files is the same proposal.
    expect((await call('lan.g01', 'POST', 'apply', { files: [openName] })).body).toMatchObject({
      created: [],
      changed: [],
      proposal: { number: 1, isNew: false },
      message: expect.stringContaining('proposal 1'),
    });
    expect((await call('nam', 'GET', 'dictionary/releases/latest')).body.number).toBe(1);
  });

  it.each<[string, string, DocumentFile]>([
    ['another agency', 'an.g12', openName],
    [
      'another agency, by naming itself the steward',
      'an.g12',
      changedElement('person.full-name', 'status: approved', 'status: approved\n    steward: G12'),
    ],
    ['a reader', 'nam', openName],
    [
      'the steward of one entry for an entry of nobody',
      'lan.g01',
      dictionary
        .map((file) => ({ ...file, text: file.text.replace(/(id: \S+codelist:sex\n {2}version: )'1.0.0'/, "$1'1.1.0'") }))
        .find(({ path }) => path.endsWith('sex.yaml'))!,
    ],
  ])('takes none from %s', async (_, as, file) => {
    const reply = await proposeAs(as, file);
    expect(reply).toMatchObject({ status: 403, body: { code: 'PLATFORM_ACCESS_DENIED' } });
  });

  it('says everything that is wrong with files, and takes no other documents', async () => {
    const bad = { ...openName, text: openName.text.replace("'1.1.0'", "'1.0.0'") };
    expect(await proposeAs('lan.g01', bad)).toMatchObject({
      status: 422,
      body: { problems: [{ file: openName.path, code: 'DOCUMENT_DICTIONARY', message: expect.stringContaining('above 1.0.0') }] },
    });
    const other = { path: 'a.yaml', text: 'agency: {code: G01, name: {vi: a, en: a}}\n' };
    expect(await proposeAs('lan.g01', other)).toMatchObject({ status: 400, body: { message: expect.stringContaining('a.yaml') } });
  });

  it('is reviewed by others, and approved by the authority alone: not by who proposed, not over an objection without a word', async () => {
    const review = (as: string, verdict: string) => call(as, 'POST', 'dictionary/proposals/1/reviews', { verdict, comment: 'so' });
    const approve = (as: string, comment = '') => call(as, 'POST', 'dictionary/proposals/1/approval', { comment });
    expect((await review('lan.g01', 'agreed')).status).toBe(403);
    expect((await review('nam', 'agreed')).status).toBe(403);
    expect((await review('an.g12', 'objected')).status).toBe(200);
    for (const as of ['lan.g01', 'minh.g01', 'an.g12', 'nam', 'administrator']) expect((await approve(as)).status).toBe(403);
    expect(await approve('hoa')).toMatchObject({
      status: 409,
      body: { code: 'PLATFORM_OBJECTIONS_STAND', message: expect.stringContaining('an.g12') },
    });
    const before = publications;
    expect(await approve('hoa', 'discussed with G12')).toMatchObject({ status: 200, body: { number: 1, release: 2, pending: null } });
    expect(publications).toBe(before + 1);
    expect(await approve('hoa', 'again')).toMatchObject({ status: 409, body: { code: 'PLATFORM_PROPOSAL_ENDED' } });
    const { body } = await call('nam', 'GET', `dictionary/entries/${encodeURIComponent(urn('person.full-name'))}`);
    expect(body).toMatchObject({
      release: 2,
      entry: { version: '1.1.0', classification: 'shared' },
      history: [
        { release: 1, version: '1.0.0', proposal: null, appliedBy: 'administrator' },
        { release: 2, version: '1.1.0', proposal: 1, proposer: 'lan.g01', appliedBy: 'hoa', note: 'why' },
      ],
    });
    expect((await call('nam', 'GET', 'dictionary/releases')).body.releases).toMatchObject([{ number: 2, proposal: 1 }, { number: 1 }]);
  });

  it('asks for four eyes of the authority too', async () => {
    expect((await proposeAs('hoa', vehicle)).body).toMatchObject({ proposal: { number: 2 } });
    const approve = (as: string) => call(as, 'POST', 'dictionary/proposals/2/approval', {});
    expect(await approve('hoa')).toMatchObject({ status: 403, body: { message: expect.stringContaining('four eyes') } });
    expect(await approve('binh')).toMatchObject({ status: 200, body: { release: 3 } });
  });

  it('refuses a proposal that a later release overtook, and tells what stands in the way before', async () => {
    const again = (basis: string): DocumentFile => ({
      path: openName.path,
      text: openName.text.replace(/(person\.full-name\n {4}version: )'1\.1\.0'([\s\S]*?legalBasis: ).*/, `$1'1.2.0'$2${basis}`),
    });
    expect((await proposeAs('lan.g01', again('Law A'))).body.proposal.number).toBe(3);
    expect((await proposeAs('minh.g01', again('Law B'))).body.proposal.number).toBe(4);
    expect((await call('binh', 'POST', 'dictionary/proposals/3/approval', {})).body).toMatchObject({ release: 4 });
    const problems = [{ code: 'DICTIONARY_OVERTAKEN', file: urn('person.full-name') }];
    expect((await call('nam', 'GET', 'dictionary/proposals/4/release')).body).toMatchObject({ number: 5, problems });
    expect(await call('binh', 'POST', 'dictionary/proposals/4/approval', {})).toMatchObject({ status: 422, body: { problems } });
    expect((await call('an.g12', 'POST', 'dictionary/proposals/4/withdrawal', {})).status).toBe(403);
    expect((await call('lan.g01', 'POST', 'dictionary/proposals/4/withdrawal', { comment: 'late' })).status).toBe(200);
    expect((await call('nam', 'GET', 'dictionary/proposals/4')).body).toMatchObject({ state: 'withdrawn', release: null });
  });

  it('tells beforehand what a proposal would break, and of others’ documents only that there is something', async () => {
    const title = '{vi: a, en: a}';
    const applied = `agency: {code: G01, name: ${title}}
---
agency: {code: G12, name: ${title}}
---
dataset: {name: population.household, agency: G01, title: ${title}}
---
source: {agency: G01, database: population, schema: dancu, name: ${title}}
tables:
  - table: dancu.ho
    subject: household
    publish: true
    primaryKey: [so]
    identification: {column: so, element: ${urn('household.household-id')}}
    columns:
      - {column: chu_ho, element: ${urn('household.head-personal-id')}, protection: none}
---
contract: {name: heads, consumer: G12, dataset: population.household, elements: [${urn('household.head-personal-id')}], purpose: ${title},
  legalBasis: Law, validFrom: 2025-01-01, target: {database: tax, table: head}}
`;
    const documents = await call('administrator', 'POST', 'apply', { files: [{ path: 'a.yaml', text: applied }] });
    expect(documents).toMatchObject({ status: 200, body: { proposal: null } });
    const head = (find: string, replacement: string) => changedElement('household.head-personal-id', find, replacement);
    const proposalOf = async (file: DocumentFile): Promise<number> => (await proposeAs('lan.g01', file)).body.proposal.number as number;
    const sensitive = await proposalOf(head('classification: personal', 'classification: sensitive-personal'));
    const trial = (as: string, number: number) => call(as, 'GET', `dictionary/proposals/${number}/trial`);
    const { body } = await trial('hoa', sensitive);
    expect(body).toMatchObject({
      release: 5,
      problems: [{ file: '(applied source G01/population)', code: 'MAPPING_PROTECTION' }],
      hidden: 0,
    });
    expect(
      body.subjects.map(({ contracts, violations }: { contracts: string[]; violations: { rule: string }[] }) => [
        contracts,
        violations.map(({ rule }) => rule),
      ]),
    ).toEqual([
      [[], ['D8']],
      [['heads'], ['D8']],
    ]);
    expect((await trial('lan.g01', sensitive)).body).toMatchObject({ problems: [{}], subjects: [{}, { contracts: [] }], hidden: 0 });
    expect((await trial('an.g12', sensitive)).body).toMatchObject({ problems: [], subjects: [{}, { contracts: ['heads'] }], hidden: 1 });
    const releaseAs = (as: string) => call(as, 'GET', `dictionary/proposals/${sensitive}/release`);
    expect((await releaseAs('hoa')).body.problems).toHaveLength(1);
    expect((await releaseAs('an.g12')).body).toMatchObject({ number: 5, problems: [] });
    expect((await trial('hoa', 999)).status).toBe(404);
    expect(await call('binh', 'POST', `dictionary/proposals/${sensitive}/approval`, {})).toMatchObject({ status: 422 });
    await call('lan.g01', 'POST', `dictionary/proposals/${sensitive}/withdrawal`, {});
  });

  it('is turned down by the authority, with the reason', async () => {
    const number: number = (await proposeAs('minh.g01', changedElement('household.household-id', 'legalBasis: .*', 'legalBasis: None')))
      .body.proposal.number;
    expect((await call('minh.g01', 'POST', `dictionary/proposals/${number}/rejection`, { comment: 'no' })).status).toBe(403);
    expect((await call('hoa', 'POST', `dictionary/proposals/${number}/rejection`, { comment: 'no' })).status).toBe(200);
    expect((await call('nam', 'GET', `dictionary/proposals/${number}`)).body.events.at(-1)).toMatchObject({
      event: 'rejected',
      comment: 'no',
    });
  });

  it('keeps to a bound of open proposals', async () => {
    for (let index = 0; index < proposalsOpenMax; index++) {
      const file = changedElement('household.household-id', 'legalBasis: .*', `legalBasis: Law ${index}`);
      expect((await proposeAs('minh.g01', file)).status).toBe(200);
    }
    const more = changedElement('household.household-id', 'legalBasis: .*', 'legalBasis: Law x');
    expect(await proposeAs('minh.g01', more)).toMatchObject({ status: 409, body: { code: 'PLATFORM_PROPOSALS_TOO_MANY' } });
  }, 60_000);

  it('leaves a row in the audit of everything that was done and of everything that was refused', async () => {
    const rows = await store.audits(1000);
    const of = (action: string, result: string) =>
      rows.filter((row) => row.action === action && row.result === result).map(({ principal }) => principal);
    expect(of('dictionary.approve', 'approved')).toEqual(['binh', 'binh', 'hoa']);
    expect(of('dictionary.approve', 'refused')).toEqual(
      expect.arrayContaining(['lan.g01', 'minh.g01', 'an.g12', 'nam', 'administrator', 'hoa']),
    );
    expect(of('dictionary.propose', 'refused')).toEqual(expect.arrayContaining(['an.g12', 'lan.g01', 'nam']));
    expect(of('dictionary.review', 'objected')).toEqual(['an.g12']);
    expect(rows.find(({ result }) => result === 'approved')).toMatchObject({
      subject: 'proposal/3',
      detail: { release: 4, objections: 0 },
    });
  });

  it.each(['dictionary/proposals/x', 'dictionary/proposals/99', 'dictionary/releases/0', 'dictionary/entries/urn:none'])(
    'has no %s',
    async (path) => {
      expect((await call('nam', 'GET', path)).status).toBe(404);
    },
  );
});
