import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '../program.js';

const documents = join(import.meta.dirname, '../../../../libs/demo/documents');
const datasets: readonly [string, string][] = [
  ['population.resident', 'data.g01.population.resident.v1-value'],
  ['population.household', 'data.g01.population.household.v1-value'],
  ['administrative.province', 'data.g12.administrative.province.v1-value'],
  ['administrative.commune', 'data.g12.administrative.commune.v1-value'],
];

describe('truc schema new and types', () => {
  let directory: string;
  beforeAll(() => void (directory = mkdtempSync(join(tmpdir(), 'truc-schema-new-'))));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  async function truc(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    const written = { out: '', err: '' };
    const stream = (name: 'out' | 'err') => ({ write: (text: string) => void (written[name] += text) }) as unknown as NodeJS.WriteStream;
    const contextPlaces = { named: undefined, workingDirectory: directory, home: join(directory, 'home') };
    const code = await runProgram(args, { output: stream('out'), errors: stream('err'), contextPlaces, language: 'en' });
    return { code, ...written };
  }

  it.each(datasets)('writes the schema of %s, which passes the check', async (dataset, subject) => {
    expect(await truc('schema', 'new', '--dataset', dataset, '--mapping', documents)).toEqual({
      code: 0,
      out: `${dataset}.avsc\n`,
      err: '',
    });
    const whole = ['--subject', subject, '--documents', documents, '-o', 'json'];
    for (const more of [['-o', 'json'], whole]) {
      const { code, out } = await truc('schema', 'check', `${dataset}.avsc`, ...more);
      expect({ code, ...(JSON.parse(out) as object) }).toMatchObject({ code: 0, violations: [], warnings: [] });
    }
    await truc('schema', 'new', '--dataset', dataset, '--envelope', '--out', 'envelope.avsc', '--force');
    expect((await truc('schema', 'check', 'envelope.avsc', ...whole)).code).toBe(0);
    for (const lang of ['ts', 'java']) {
      for (const file of [`${dataset}.avsc`, 'envelope.avsc']) {
        expect(await truc('schema', 'types', file, '--lang', lang)).toMatchObject({ code: 0, err: '' });
      }
    }
  });

  it('writes over nothing unless it is told to', async () => {
    writeFileSync(join(directory, 'mine.avsc'), 'mine');
    const again = ['schema', 'new', '--dataset', 'population.resident', '--out', 'mine.avsc'];
    expect(await truc(...again)).toMatchObject({ code: 1, err: expect.stringMatching(/is there already.*--force/) as string });
    expect(readFileSync(join(directory, 'mine.avsc'), 'utf8')).toBe('mine');
    expect(await truc(...again, '--force')).toMatchObject({ code: 0 });
    const shown = await truc('schema', 'new', '--dataset', 'population.resident', '--out', '-');
    expect(shown.out).toBe(readFileSync(join(directory, 'mine.avsc'), 'utf8'));
    expect(await truc(...again.slice(0, -1), 'no/such/place.avsc')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/--out/) as string,
    });
  });

  it('says which datasets there are, and what is wrong with a mapping', async () => {
    const unknown = await truc('schema', 'new', '--dataset', 'population.visitor');
    expect(unknown).toMatchObject({ code: 1, err: expect.stringMatching(/population\.resident, population\.household/) as string });
    writeFileSync(join(directory, 'source.yaml'), 'source: {agency: G01}\n');
    const { code, err } = await truc('schema', 'new', '--dataset', 'x.y', '--mapping', 'source.yaml');
    expect(code).toBe(1);
    expect(err).toMatch(/source\.yaml:1:/);
    expect(existsSync(join(directory, 'x.y.avsc'))).toBe(false);
  });

  it('refuses a mapping that the rules would refuse, and writes nothing', async () => {
    const text = readFileSync(join(documents, 'source-population.yaml'), 'utf8').replace(
      /( {6}- column: ma_dan_toc\n {8}element: )null/,
      '$1urn:vn:ddict:element:person.ethnic-group\n        protection: none',
    );
    const all = ['agencies', 'datasets', 'source-administrative'].map((name) => readFileSync(join(documents, `${name}.yaml`), 'utf8'));
    writeFileSync(join(directory, 'all.yaml'), [...all, text].join('\n---\n'));
    const { code, err } = await truc('schema', 'new', '--dataset', 'population.resident', '--mapping', 'all.yaml', '--out', 'bad.avsc');
    expect(code).toBe(1);
    expect(err).toMatch(/person\.ethnic-group/);
    expect(existsSync(join(directory, 'bad.avsc'))).toBe(false);
  });

  it.each([
    [['schema', 'new'], /--dataset/],
    [['schema', 'types', 'x.avsc'], /--lang/],
    [['schema', 'types', 'x.avsc', '--lang', 'cobol'], /ts or java/],
    [['schema', 'check'], /missing required argument/],
  ])('%j is a mistake of usage', async (args, message) => {
    expect(await truc(...args)).toMatchObject({ code: 3, err: expect.stringMatching(message) as string });
  });

  it.each([[['schema', '--help']], [['schema', 'check', '--help']], [['schema', 'new', '--help']], [['schema', 'types', '--help']]])(
    '%j shows an example',
    async (args) => {
      expect(await truc(...args)).toMatchObject({ code: 0, out: expect.stringMatching(/Examples:\n {2}truc /) as string });
    },
  );

  it('generates no types from what is beyond the limits', async () => {
    writeFileSync(join(directory, 'wide.avsc'), '{"type":"record","name":"R","fields":[{"name":"họ","type":"string"}]}');
    const { code, out, err } = await truc('schema', 'types', 'wide.avsc', '--lang', 'java');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^wide\.avsc:1:47: the schema is beyond the limits of rule D12: at \$\.fields\[0\]\.name/);
  });
});
