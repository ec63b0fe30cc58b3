import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { planApply, type DocumentFile } from '@truc/coordination';
import { emptyContent, parseContent, parseDictionaryFiles, type DictionaryContent } from '@truc/dictionary';
import { CommandLine } from './command-line.test-data.js';

const root = new URL('../../../../schemas/dictionary/', import.meta.url);
const shipped = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.yaml'))
  .map((path) => ({ path, text: readFileSync(new URL(path, root), 'utf8') }));
const { concepts, elements, valueDomains, codeLists } = parseDictionaryFiles(shipped);
const content: DictionaryContent = { concepts, elements, valueDomains, codeLists };
const id = 'urn:vn:ddict:codelist:sex';
const rows = [
  'code,label_vi,label_en,valid_from,valid_to',
  '0,Chưa xác định,Not known,1900-01-01,',
  '1,Nam,Male,1900-01-01,',
  '2,Nữ,Female,1900-01-01,',
  '9,Không áp dụng,Not applicable,1900-01-01,',
];

describe('truc codelist', () => {
  let line: CommandLine;
  const write = (...lines: string[]): void => writeFileSync(join(line.directory, 'sex.csv'), `${lines.join('\n')}\n`);
  const proposed = () => line.asked.filter(({ what }) => what.startsWith('POST'));

  beforeEach(async () => {
    line = new CommandLine();
    await line.open();
    line.answers['GET /v1/dictionary/releases/latest'] = { body: { number: 4, content } };
    line.answers['POST /v1/dictionary/proposals'] = { body: { proposal: { number: 5, isNew: true, changes: [] } } };
  });
  afterEach(() => line.close());

  it('writes a list as CSV that an import finds no difference in', async () => {
    expect((await line.run('codelist', 'export', '--list', 'sex', 'sex.csv', '--bom')).code).toBe(0);
    expect(readFileSync(join(line.directory, 'sex.csv'), 'utf8')).toBe(
      `\ufeff${rows.map((row, index) => `${row},${index === 0 ? 'superseded_by,parent' : ','}`).join('\n')}\n`,
    );
    expect(await line.run('codelist', 'import', 'sex.csv', '--list', 'sex')).toMatchObject({
      code: 0,
      out: expect.stringContaining('nothing differs'),
    });
    expect((await line.run('codelist', 'export', '--list', 'sex', 'sex.csv')).err).toContain('is there already');
    expect((await line.run('codelist', 'export', '--list', id)).out.split('\n')[1]).toBe('0,Chưa xác định,Not known,1900-01-01,,,');
  });

  it('shows what differs, and proposes nothing unless it is told to', async () => {
    write(...rows.slice(0, 3), '2,Nữ giới,Female,1900-01-01,', rows[4]!, '3,Khác,Other,2026-01-01,');
    const { code, out } = await line.run('codelist', 'import', 'sex.csv', '--list', 'sex');
    expect(code).toBe(2);
    expect(out.split('\n')).toEqual([
      '~ 2  Nữ / Female, 1900-01-01..',
      '     -> Nữ giới / Female, 1900-01-01..',
      '+ 3  Khác / Other, 2026-01-01..',
      '',
      '1 codes added, 1 changed, 0 removed',
      'nothing was proposed: --yes proposes it',
      '',
    ]);
    expect(proposed()).toEqual([]);
  });

  it('proposes the whole list as one, under a higher version', async () => {
    write(...rows, '3,Khác,Other,2026-01-01,');
    const { code, out } = await line.run('codelist', 'import', 'sex.csv', '--list', 'sex', '--yes', '--note', 'Circular 5', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ list: id, counts: { added: 1, changed: 0, removed: 0 }, problems: [], proposal: 5 });
    const [request] = proposed();
    expect(request?.body).toMatchObject({ note: 'Circular 5', dryRun: false });
    // The platform makes of it just this list.
    const plan = planApply(request!.body.files as DocumentFile[], { documents: [], release: { number: 4, content } });
    if ('problems' in plan) throw new Error(JSON.stringify(plan.problems));
    const [list] = plan.plan.proposed!.changes.codeLists;
    expect(plan.plan.proposed?.changes).toEqual({ ...emptyContent, codeLists: [list] });
    expect([list?.version, list?.entries.map(({ code: one }) => one)]).toEqual(['1.1.0', ['0', '1', '2', '3', '9']]);
    const before = parseContent(content).codeLists.find((one) => one.id === id);
    expect({ ...list, version: '1.0.0', entries: before?.entries }).toEqual(before);
  });

  it('tells every bad row with file and line, and proposes nothing of the rest', async () => {
    write(...rows, '3,,Other,2026-01-01,', '3,Khác,Other,1/2/2026,', '1,Nam,Male,2026-01-01,');
    const { code, out, err } = await line.run('codelist', 'import', 'sex.csv', '--list', 'sex', '--yes');
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err.split('\n').map((text) => text.split(' ')[0])).toEqual(['sex.csv:6:', 'sex.csv:7:', 'sex.csv:8:', '', '3', '']);
    expect(proposed()).toEqual([]);
    const json = JSON.parse((await line.run('codelist', 'import', 'sex.csv', '--list', 'sex', '--yes', '--json')).out) as object;
    expect(json).toMatchObject({ problems: [{ line: 6 }, { line: 7 }, { line: 8 }], proposal: null });
    writeFileSync(join(line.directory, 'sex.csv'), Buffer.from(rows.join('\n').replace('Nữ', 'N\xfe'), 'latin1'));
    expect((await line.run('codelist', 'import', 'sex.csv', '--list', 'sex', '--yes')).err).toMatch(/^sex\.csv:2: .*not UTF-8/);
  });

  it('does not lose codes by mistake', async () => {
    write(...rows.slice(0, 4));
    const refused = await line.run('codelist', 'import', 'sex.csv', '--list', 'sex', '--yes');
    expect(refused).toMatchObject({ code: 2, out: expect.stringContaining('- 9  '), err: expect.stringContaining('--allow-removed') });
    expect(proposed()).toEqual([]);
    expect((await line.run('codelist', 'import', 'sex.csv', '--list', 'sex', '--yes', '--allow-removed')).code).toBe(0);
    expect(proposed()).toHaveLength(1);
  });

  it('says what the platform finds wrong', async () => {
    write(...rows, '3,Khác,Other,2026-01-01,');
    const problem = { file: 'code-lists/sex.yaml', line: 2, column: 3, code: 'DOCUMENT_DICTIONARY', message: 'no' };
    line.answers['POST /v1/dictionary/proposals'] = { status: 422, body: { problems: [problem] } };
    const { code, err } = await line.run('codelist', 'import', 'sex.csv', '--list', 'sex', '--yes');
    expect({ code, err }).toEqual({ code: 2, err: 'code-lists/sex.yaml:2:3: no\n\nnothing was proposed\n' });
  });

  it.each<[string, string[], number, string]>([
    ['a list that is not there', ['sex.csv', '--list', 'sexes'], 1, 'no code list "sexes"'],
    ['a file that is not there', ['other.csv', '--list', 'sex'], 1, 'other.csv cannot be read'],
    ['a device without end', ['/dev/zero', '--list', 'sex'], 2, 'more than 8388608 bytes'],
    ['a column of every object', ['sex.csv', '--list', 'sex', '--column', 'toString=x'], 3, '--column takes'],
    ['a column of nothing', ['sex.csv', '--list', 'sex', '--column', 'ma=x'], 3, '--column takes'],
    ['a version that is none', ['sex.csv', '--list', 'sex', '--version', '2'], 3, 'three numbers'],
    ['no list', ['sex.csv'], 3, '--list'],
  ])('refuses %s', async (_, args, code, message) => {
    write(...rows);
    const found = await line.run('codelist', 'import', ...args);
    expect(found).toMatchObject({ code, err: expect.stringContaining(message) });
  });
});

describe('truc dictionary export', () => {
  it('writes files that say the same dictionary, once', async () => {
    const line = new CommandLine();
    try {
      await line.open();
      line.answers['GET /v1/dictionary/releases/3'] = { body: { number: 3, content } };
      expect(await line.run('dictionary', 'export', 'out', '--release', '3')).toMatchObject({
        code: 0,
        out: expect.stringMatching(/files in out: release 3\n$/),
      });
      const out = join(line.directory, 'out');
      const files = readdirSync(out, { recursive: true, encoding: 'utf8' })
        .filter((path) => /\.(yaml|csv)$/.test(path))
        .map((path) => ({ path, text: readFileSync(join(out, path), 'utf8') }));
      const plan = planApply(files, { documents: [], release: null });
      const sorted = parseContent(JSON.parse(JSON.stringify(content)));
      expect('plan' in plan && plan.plan.newRelease?.content.elements).toEqual(sorted.elements.toSorted((a, b) => (a.id < b.id ? -1 : 1)));
      expect((await line.run('dictionary', 'export', 'out', '--release', '3')).err).toContain('is there already');
      expect((await line.run('dictionary', 'export', 'out', '--release', '3', '--force')).code).toBe(0);
      line.answers['GET /v1/dictionary/proposals/7/release'] = { body: { number: null, content: null, problems: [] } };
      expect((await line.run('dictionary', 'export', 'other', '--proposal', '7')).err).toContain('makes no release');
    } finally {
      line.close();
    }
  });
});
