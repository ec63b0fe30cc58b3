import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sureFrom, type TableProposal } from '@truc/mapping-proposal';
import { demoSource, demoSourceNames, testPostgres, type DemoSourceName } from '@truc/testing';
import { CommandLine } from '../commands/command-line.test-data.js';
import { hiddenMapping, measure, sum, type Measure } from './proposal-measure.test-data.js';

const page = readFileSync(new URL('../../../../docs/source-init.md', import.meta.url), 'utf8');
const demoRoot = new URL('../../../../libs/demo/', import.meta.url);

interface Initialised {
  readonly problems: readonly { readonly message: string }[];
  readonly tables: readonly (Pick<TableProposal, 'columns' | 'identification'> & { readonly table: string; readonly publish: boolean })[];
}

describe('truc source init', () => {
  let line: CommandLine;
  beforeEach(() => void (line = new CommandLine()));
  afterEach(() => line.close());

  async function initialise(sql: readonly string[], agency: string, name: string): Promise<{ found: Initialised; out: string }> {
    const database = await testPostgres();
    try {
      for (const text of sql) await database.query(text);
      const { code, out, err } = await line.run(
        'source',
        'init',
        '--url',
        database.url,
        '--agency',
        agency,
        '--name',
        name,
        '--output',
        'json',
      );
      expect({ code, err }).toEqual({ code: 0, err: '' });
      return { found: JSON.parse(out) as Initialised, out };
    } finally {
      await database.drop();
    }
  }

  /** `| population | 35 | 30 | 1 | 4 | 20 |` of the page. */
  function statedMeasure(name: string): Measure {
    const cells = new RegExp(`^\\| ${name} +\\|(.+)\\|$`, 'm').exec(page)?.[1]?.split('|').map(Number) ?? [];
    const [entries = 0, right = 0, wrong = 0, notAtAll = 0, leftOut = 0] = cells;
    return { entries, right, wrong, notAtAll, leftOut };
  }

  const agencyOf: Readonly<Record<DemoSourceName, string>> = { population: 'G01', land: 'G10', 'business-registration': 'G12' };

  it('proposes of three grown databases what their hidden mappings say, as measured in its page', async () => {
    const measures: Measure[] = [];
    for (const name of demoSourceNames) {
      const { schemaSql, sampleSql, mapping } = demoSource(name);
      const { found } = await initialise([schemaSql, sampleSql], agencyOf[name], name.replace('-', '_'));
      const measured = measure(found.tables, hiddenMapping(mapping));
      const sure = found.tables.map((one) => ({
        ...one,
        columns: one.columns.map((each) => ({ ...each, proposals: each.proposals.filter(({ confidence }) => confidence >= sureFrom) })),
      }));
      expect({ name, wrong: measure(sure, hiddenMapping(mapping)).wrong }).toEqual({ name, wrong: 0 });
      measures.push(measured);
      expect({ name, ...measured }).toEqual({ name, ...statedMeasure(name) });
    }
    const all = sum(measures);
    expect(all).toEqual(statedMeasure('all three'));
    expect(all.right / all.entries).toBeGreaterThanOrEqual(0.75);
    expect(all.wrong / all.entries).toBeLessThanOrEqual(0.05);
  });

  it('does without a single row, on databases that it was not made with', async () => {
    const sources = [
      ['administrative', 'G12'],
      ['population', 'G01'],
    ] as const;
    const measures: Measure[] = [];
    for (const [name, agency] of sources) {
      const ddl = readFileSync(new URL(`sources/${name}.sql`, demoRoot), 'utf8');
      const mapping = readFileSync(new URL(`documents/source-${name}.yaml`, demoRoot), 'utf8');
      measures.push(measure((await initialise([ddl], agency, `${name}x`)).found.tables, hiddenMapping(mapping)));
    }
    expect(sum(measures)).toEqual(statedMeasure('no rows'));
  });

  it('writes documents that apply has nothing against but what a person was asked to look at, and no value of a row', async () => {
    const { schemaSql, sampleSql } = demoSource('land');
    const { found, out } = await initialise([schemaSql, sampleSql], 'G10', 'land');
    const files = readdirSync(line.directory).filter((name) => name.endsWith('.yaml'));
    const text = files.map((name) => readFileSync(join(line.directory, name), 'utf8')).join('\n');
    expect(files.toSorted()).toEqual(['datasets-land.yaml', 'source-land.yaml']);
    expect(text).toContain('# LOOK');
    expect(text).toMatch(/remark: .?this is land\.restricted-site-note, which is a state secret and may never be published/);
    expect(found.problems).toEqual([]);
    for (const value of ['001099000012', '9912345015', 'Nguyễn', 'CÔNG TY', '0007000120034501', 'DG 123456', 'Thử Nghiệm']) {
      expect(`${text}${out}`).not.toContain(value);
    }
  });

  it('says in one sentence what is wrong with the way to a database', async () => {
    const database = await testPostgres();
    const { url } = database;
    const wrong = new URL(url);
    wrong.password = 'wrong';
    const tries = [
      ['nonsense', 1, /is not one: write it as postgres:\/\//],
      ['postgres://a:b@127.0.0.1:1/x', 1, /nothing answers at 127\.0\.0\.1:1: look at host and port/],
      [wrong.toString(), 1, /does not accept the password of "postgres"/],
      [`${url}-not-there`, 1, /has no database/],
    ] as const;
    for (const [text, expected, sentence] of tries) {
      const { code, err } = await line.run('source', 'init', '--agency', 'G01', '--url', text);
      expect({ code, lines: err.trim().split('\n').length }).toEqual({ code: expected, lines: 1 });
      expect(err).toMatch(sentence);
    }
    expect((await line.run('source', 'init', '--agency', 'G01')).code).toBe(3);
    await database.drop();
  });
});
