import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { catalogueAnswers, contractBody, datasetBody, documentViews, residentColumns, sourceBody } from './catalogue.test-data.js';
import { CommandLine } from './command-line.test-data.js';

describe('truc diff', () => {
  const line = new CommandLine();
  const answered = { message: '', created: [], changed: [], unchanged: [], pending: null, proposal: null };
  beforeAll(() => line.open());
  beforeEach(() => (line.answers = { ...catalogueAnswers, 'POST /v1/apply': { body: answered } }));
  afterAll(() => line.close());

  async function diff(bodies: readonly object[], ...more: string[]) {
    writeFileSync(join(line.directory, 'documents.yaml'), bodies.map((body) => stringify(body)).join('---\n'));
    return line.run('diff', '-f', 'documents.yaml', ...more);
  }

  it('tells that nothing would change, and asks for nothing to be applied', async () => {
    expect(await diff(documentViews.map(({ body }) => body))).toEqual({ code: 0, out: 'nothing would change\n', err: '' });
    expect(line.asked.findLast(({ what }) => what === 'POST /v1/apply')?.body).toMatchObject({ dryRun: true });
  });

  it('tells columns that come, go and change, and what reading them anew touches', async () => {
    const [id, name] = residentColumns;
    const columns = [id, { ...name, transform: { op: 'trim' } }, { column: 'email', element: 'person.email' }];
    const { code, out } = await diff([sourceBody(columns as object[])]);
    expect(code).toBe(2);
    expect(out).toBe(`~ source/G01/population
    + table dancu.cong_dan, column ho_ten, transform: {"op":"trim"}
    - table dancu.cong_dan, column ghi_chu (not published)
    + table dancu.cong_dan, column email -> person.email
    = population.resident: dancu.cong_dan would have to be read whole again, because rows that do not change would not follow
    = contract social-insurance is touched: G12.34 reads population.resident
`);
  });

  it('knows what changes nothing of any row', async () => {
    const [id, name] = residentColumns;
    const { out } = await diff([sourceBody([id, name] as object[])]);
    expect(out).toContain('= nothing of any row changes');
    expect(out).not.toContain('contract');
  });

  it('tells a new generation with its topic, its snapshot and its contracts', async () => {
    const { out } = await diff([datasetBody({ generation: 2 })]);
    expect(out).toMatch(/generation: 1 becomes 2/);
    expect(out).toMatch(/data\.g01\.population\.resident\.v1 becomes data\.g01\.population\.resident\.v2/);
    expect(out).toMatch(/dancu\.cong_dan would have to be read whole again/);
    expect(out).toMatch(/contract social-insurance is touched: G12\.34/);
  });

  it('tells what a contract brings, and what an applied one cannot become', async () => {
    const created = await diff([contractBody({ name: 'tax' })]);
    expect(created.out).toBe(
      '+ contract/tax\n    = contract tax: G12.34 gets a view of population.resident, filled from the log; its source is not asked\n',
    );
    const changed = await diff([contractBody({ elements: ['person.id', 'person.email'], validTo: '2027-01-01' })]);
    expect(changed.out).toMatch(/- elements: person\.full-name\n {4}\+ elements: person\.email\n {4}\+ validTo: 2027-01-01/);
    expect(changed.out).toMatch(/takes a contract of another name[\s\S]*the days on which/);
  });

  it('shows the changes beside the reasons of a refusal, in the language asked for', async () => {
    const problem = { file: 'documents.yaml', line: 3, column: 5, code: 'X', message: 'was loaded in generation 1', hint: 'a new dataset' };
    line.answers['POST /v1/apply'] = { status: 422, body: { problems: [problem] } };
    const { code, out, err } = await diff([datasetBody({ generation: 2 })], '--lang', 'vi');
    expect(code).toBe(2);
    expect(out).toContain('thế hệ mới');
    expect(err).toBe('\nit would be refused:\ndocuments.yaml:3:5: was loaded in generation 1\n    a new dataset\n');
    expect(line.asked.at(-1)?.language).toBe('vi');
    const json = JSON.parse((await diff([datasetBody({ generation: 2 })], '-o', 'json')).out) as {
      documents: object[];
      problems: object[];
    };
    expect(json).toMatchObject({
      documents: [
        {
          document: 'dataset/population.resident',
          effects: expect.arrayContaining([expect.objectContaining({ kind: 'generation' })]) as object[],
        },
      ],
      problems: [problem],
    });
  });

  it('names the entries of the dictionary that wait for an approval', async () => {
    const changes = [{ id: 'urn:x:person.email', change: 'changed', fields: ['name'] }];
    line.answers['POST /v1/apply'] = { body: { ...answered, proposal: { number: null, isNew: true, changes } } };
    expect((await diff([])).out).toMatch(/^~ urn:x:person\.email \(name\)\n {4}= waits for an approval/);
  });
});
