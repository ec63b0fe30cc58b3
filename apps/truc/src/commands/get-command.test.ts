import { parse } from 'yaml';
import { catalogueAnswers } from './catalogue.test-data.js';
import { CommandLine } from './command-line.test-data.js';

describe('truc get and truc describe', () => {
  const line = new CommandLine();
  beforeAll(() => line.open());
  beforeEach(() => (line.answers = { ...catalogueAnswers }));
  afterAll(() => line.close());

  it('shows all of a kind, by its one name or its other', async () => {
    const { code, out } = await line.run('get', 'datasets');
    expect(code).toBe(0);
    expect(out).toMatch(/^name +agency +generation +title +applied\npopulation\.resident +G01 +1 +Residents +2026-11-01\n$/);
    expect((await line.run('get', 'dataset')).out).toBe(out);
    expect((await line.run('get', 'contracts')).out).toMatch(/social-insurance +G12\.34 +population\.resident +2 +2026-01-01/);
    expect((await line.run('get', 'sources')).out).toMatch(/G01\/population +1 of 1 +population\.resident/);
    expect((await line.run('get', 'schemas')).out).toMatch(/data\.g01\.population\.resident\.v1-value +registered/);
  });

  it('shows one as JSON or YAML, as it was applied', async () => {
    const { out } = await line.run('get', 'agency', 'G01', '-o', 'json');
    expect(JSON.parse(out)).toMatchObject({ kind: 'agency', name: 'G01', body: { agency: { code: 'G01' } } });
    expect(parse((await line.run('get', 'agencies', '-o', 'yaml')).out)).toHaveLength(1);
  });

  it('describes a dataset with its fields, its tables and its contracts', async () => {
    const { out } = await line.run('describe', 'dataset', 'population.resident');
    expect(out).toMatch(/topic: +data\.g01\.population\.resident\.v1, 6 partitions/);
    expect(out).toMatch(/schema: +registered/);
    expect(out).toMatch(/person_full_name +person\.full-name +source +none/);
    expect(out).toMatch(/G01\/population +dancu\.cong_dan/);
    expect(out).toMatch(/social-insurance +G12\.34 +2026-01-01/);
  });

  it('describes a source down to the column, and a contract with its view', async () => {
    const source = (await line.run('describe', 'source', 'G01/population')).out;
    expect(source).toMatch(/table dancu\.cong_dan, to population\.resident/);
    expect(source).toMatch(/ghi_chu +-/);
    expect((await line.run('describe', 'contract', 'social-insurance')).out).toMatch(/view: +view\.a1/);
    const json = JSON.parse((await line.run('describe', 'agency', 'G01', '-o', 'json')).out) as { sections: { rows: string[][] }[] };
    expect(json.sections[0]?.rows).toContainEqual(['dataset', 'population.resident']);
  });

  it('says what there is when something is not', async () => {
    expect(await line.run('get', 'dataset', 'population.car')).toMatchObject({
      code: 1,
      err: 'there is no dataset "population.car"; there are population.resident\n',
    });
    expect(await line.run('get', 'cars')).toMatchObject({ code: 3, err: expect.stringMatching(/agencies, datasets/) as string });
  });
});
