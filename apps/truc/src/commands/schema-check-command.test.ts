import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDictionaryFiles } from '@truc/dictionary';
import { runProgram } from '../program.js';

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Json = any;

describe('truc schema check', () => {
  let directory: string;
  beforeAll(() => void (directory = mkdtempSync(join(tmpdir(), 'truc-schema-'))));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  async function truc(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    const written = { out: '', err: '' };
    const stream = (name: 'out' | 'err') => ({ write: (text: string) => void (written[name] += text) }) as unknown as NodeJS.WriteStream;
    const contextPlaces = { named: undefined, workingDirectory: directory, home: join(directory, 'home') };
    const code = await runProgram(args, { output: stream('out'), errors: stream('err'), contextPlaces, language: 'en' });
    return { code, ...written };
  }
  const file = (name: string, content: string | Buffer): string => {
    writeFileSync(join(directory, name), content);
    return name;
  };
  const element = (name: string, more: Json = {}): Json => ({
    name: name.replaceAll(/[.-]/g, '_'),
    type: 'string',
    dictionaryElement: `urn:vn:ddict:element:${name}@1.0.0`,
    dictionaryRole: 'source',
    protection: 'none',
    ...more,
  });
  const record = (...fields: Json[]): string => JSON.stringify({ type: 'record', name: 'Row', namespace: 'vn.test', fields }, null, 2);
  const good = record(element('person.personal-id'), element('person.full-name'));
  const checked = async (content: string | Buffer, ...more: string[]): Promise<{ code: number; err: string; report: Json }> => {
    const { code, out, err } = await truc('schema', 'check', file('s.avsc', content), '-o', 'json', ...more);
    return { code, err, report: out === '' ? null : JSON.parse(out) };
  };

  it('judges a bare row record as a new subject, and names the rules that need more', async () => {
    const { code, report } = await checked(good);
    expect(code).toBe(0);
    expect(report).toMatchObject({ violations: [], warnings: [], subject: null, notEvaluated: ['D4', 'D5', 'D6', 'D7', 'D11'] });
    expect(report.needs.D5).toMatch(/which element is its code/);
  });

  it('ends with 2 and tells every violation with its place', async () => {
    const wrong = record(
      element('person.full-name', { type: 'int' }),
      element('person.legacy-identity-number'),
      { name: 'họ_tên', type: 'string' },
      element('person.ethnic-group'),
    );
    const { code, report } = await checked(wrong);
    expect(code).toBe(2);
    const told = report.violations.map(({ rule, path, line }: Json) => `${rule} ${path} ${line}`);
    expect(told).toEqual([
      'D2 $.fields[0].type 8',
      'D9 $.fields[1] 13',
      'D1 $.fields[2] 20',
      'D12 $.fields[2].name 21',
      'D8 $.fields[3] 24',
    ]);
    for (const violation of report.violations) {
      expect(violation).toEqual({
        rule: expect.any(String) as string,
        path: expect.any(String) as string,
        element: violation.element,
        expected: expect.stringMatching(/./) as string,
        found: expect.stringMatching(/./) as string,
        hint: expect.stringMatching(/.{20}/) as string,
        file: 's.avsc',
        line: expect.any(Number) as number,
        column: expect.any(Number) as number,
      });
    }
  });

  it('evaluates what documents tell of the dataset', async () => {
    const documents = join(import.meta.dirname, '../../../../libs/demo/documents');
    const more = ['--subject', 'data.g01.population.resident.v1-value', '--documents', documents];
    const { code, report } = await checked(good, ...more);
    expect(code).toBe(2);
    expect(report.notEvaluated).toEqual(['D6', 'D11']);
    expect(report.violations.map(({ rule, found }: Json) => `${rule} ${found}`)).toEqual(Array<string>(6).fill('D4 nothing'));
    expect((await checked(good, '--subject', 'data.g12.x.v1-value')).report.violations).toMatchObject([{ rule: 'D7' }, { rule: 'D7' }]);
    expect((await checked(good, '--subject', 'data.g01.x.v1-value', '--agency', 'G12')).report.violations).toMatchObject([{ rule: 'D6' }]);
  });

  it('shows a table, in either language', async () => {
    file('s.avsc', record(element('person.full-name', { type: 'int' })));
    const english = await truc('schema', 'check', 's.avsc');
    expect(english).toMatchObject({ code: 2, err: '' });
    expect(english.out).toMatch(/^place +rule +element +expected +found\ns\.avsc:8:\d+ +D2 +person\.full-name@1\.0\.0 +string +int\n/);
    expect(english.out).toMatch(/1 violation, judged by release 1 of the dictionary, as a new subject\n$/);
    const vietnamese = await truc('schema', 'check', 's.avsc', '--lang', 'vi');
    expect(vietnamese.out).toMatch(/^vị trí +quy tắc/);
    expect(vietnamese.out).toContain('dùng kiểu của miền giá trị');
  });

  it.each<[string, string | Buffer, RegExp]>([
    ['nothing', '', /^s\.avsc:1:1: the file is empty/],
    ['no JSON', '{\n  "type": "record",,\n}', /^s\.avsc:2:20: the file is not JSON from here on/],
    ['half a text', '{"type": "record", "fields": [', /^s\.avsc:1:31: the file is not JSON/],
    [
      'JSON that is no schema',
      '{"type": "record",\n "name": "R", "fields": [{"name": "a",\n "type": "nobody"}]}',
      /^s\.avsc:3:10: .*no Avro schema/,
    ],
    ['another JSON', '17', /^s\.avsc:1:1: .*no Avro schema/],
    ['invalid UTF-8', Buffer.from([0x7b, 0x0a, 0x22, 0xc3, 0xa9, 0xff]), /^s\.avsc:2:3: the file is not UTF-8: byte 6 \(0xff\)/],
    ['UTF-16', Buffer.from(good, 'utf16le'), /^s\.avsc:1:2: the file is not JSON/],
    ['unbounded recursion', '{"type":"record","name":"R","fields":[{"name":"r","type":"R"}]}', /^s\.avsc:1:1: .*without end/],
  ])('says in a sentence where there is %s', async (_what, content, sentence) => {
    const { code, err, report } = await checked(content);
    expect(code).toBe(1);
    expect(err).toMatch(sentence);
    expect(err.trimEnd()).not.toContain('\n');
    expect(report).toMatchObject({ violations: [], errors: [{ file: 's.avsc', message: err.trimEnd() }] });
  });

  it.each<[string, string]>([
    ['a megabyte', good + ' '.repeat(1024 * 1024)],
    ['a hundred thousand arrays', '['.repeat(60_000)],
    [
      'a default nested without end',
      record(element('person.full-name', { default: 0 })).replace('"default": 0', `"default": ${'['.repeat(9000)}${']'.repeat(9000)}`),
    ],
    ['nested types', `${'{"type":"array","items":'.repeat(40)}"int"${'}'.repeat(40)}`],
    ['items of no bytes', '{"type":"array","items":"null"}'],
  ])('refuses %s by D12 alone or among others, at its place', async (_what, content) => {
    const { code, report } = await checked(content);
    expect(code).toBe(2);
    expect(report.violations).toContainEqual(expect.objectContaining({ rule: 'D12', line: expect.any(Number) as number }));
  });

  it('says what is wrong with what it was given', async () => {
    expect(await truc('schema', 'check', 'nowhere.avsc')).toEqual({
      code: 1,
      out: '',
      err: 'nowhere.avsc:1:1: the file cannot be read: there is no such file\n',
    });
    mkdirSync(join(directory, 'folder'), { recursive: true });
    expect(await truc('schema', 'check', 'folder')).toMatchObject({ code: 1, err: expect.stringMatching(/it is a directory/) as string });
    file('s.avsc', good);
    expect(await truc('schema', 'check', 's.avsc', '-o', 'xml')).toMatchObject({ code: 3, err: expect.stringMatching(/sarif/) as string });
    expect(await truc('schema', 'check', 's.avsc', '--subject', 'x')).toMatchObject({ code: 3 });
    const named = ['--subject', 'data.g01.a.b.v1-value'];
    expect(await truc('schema', 'check', 's.avsc', ...named, '--agency', 'g01')).toMatchObject({
      code: 3,
      err: expect.stringContaining('not "g01"') as string,
    });
    // Without a subject nobody can say whose topic it is.
    expect(await truc('schema', 'check', 's.avsc', '--agency', 'G01')).toMatchObject({
      code: 3,
      err: expect.stringContaining('--subject') as string,
    });
    expect(await truc('schema', 'check', 's.avsc', '--release', 'folder')).toMatchObject({ code: 1 });
    file('dictionary.yaml', 'elements: [{id: x}]');
    expect((await truc('schema', 'check', 's.avsc', '--release', 'dictionary.yaml')).err).toMatch(/dictionary\.yaml:1:/);
  });

  it('moves no cursor with what it quotes', async () => {
    file('s.avsc', JSON.stringify({ type: 'record', name: 'Row', fields: [{ name: 'a\u001b[2J', type: 'string' }] }));
    for (const format of ['table', 'junit', 'sarif', 'json']) {
      const { out, code } = await truc('schema', 'check', 's.avsc', '-o', format);
      expect(code).toBe(2);
      expect(out).not.toContain('\u001b');
    }
  });

  it('writes JUnit with a case for each rule', async () => {
    file('a&b.avsc', record(element('person.full-name', { type: 'int' })));
    file('broken.avsc', '{');
    const { out, code } = await truc('schema', 'check', 'a&b.avsc', 'broken.avsc', '-o', 'junit');
    expect(code).toBe(1);
    expect(out).toContain('<testsuites name="truc schema check" tests="13" failures="1" errors="1" skipped="5">');
    expect(out).toMatch(/<failure type="D2" message="a&amp;b\.avsc:8:/);
    expect(out.match(/<testcase /g)).toHaveLength(13);
    expect(out).toMatch(/<error type="SCHEMA_FILE_NOT_JSON"/);
  });

  it('writes SARIF 2.1.0 with what its schema requires', async () => {
    mkdirSync(join(directory, 'tên cột'), { recursive: true });
    file('tên cột/s.avsc', record(element('person.full-name', { type: 'int' })));
    const log = JSON.parse((await truc('schema', 'check', 'tên cột/s.avsc', '-o', 'sarif')).out) as Json;
    expect(log.version).toBe('2.1.0');
    const [run] = log.runs;
    expect(run.tool.driver.name).toMatch(/./);
    expect(run.invocations[0].executionSuccessful).toBe(true);
    expect(run.results).toHaveLength(1);
    const [result] = run.results;
    expect(run.tool.driver.rules[result.ruleIndex].id).toBe(result.ruleId);
    expect(result).toMatchObject({ ruleId: 'D2', level: 'error', message: { text: expect.stringContaining('string') as string } });
    const { artifactLocation, region } = result.locations[0].physicalLocation;
    expect(decodeURIComponent(artifactLocation.uri)).toBe('tên cột/s.avsc');
    expect(() => new URL(artifactLocation.uri, 'file:///')).not.toThrow();
    expect(region.startLine).toBe(8);
    for (const notification of run.invocations[0].toolExecutionNotifications) expect(notification.message.text).toMatch(/./);
  });

  it('judges a later version by the earlier ones', async () => {
    file('v1.avsc', good);
    const later = element('person.sex', { type: ['null', 'string'], default: null });
    const fields = [element('person.personal-id'), element('person.full-name'), later];
    const second = await checked(record(...fields), '--previous', 'v1.avsc');
    expect(second).toMatchObject({ code: 0, report: { violations: [], incompatibilities: [] } });
    const required = await checked(record(...fields.slice(0, 2), element('person.sex')), '--previous', 'v1.avsc');
    expect(required.code).toBe(2);
    expect(required.report.violations).toMatchObject([{ rule: 'D4', path: '$.fields[2]' }]);
    expect(required.report.incompatibilities).toMatchObject([{ file: 's.avsc', path: '$.fields[2]', line: 20 }]);
    const deprecated = record(...fields, element('person.legacy-identity-number', { type: ['null', 'string'], default: null }));
    expect((await checked(deprecated, '--previous', 'v1.avsc')).report).toMatchObject({ violations: [], warnings: [{ rule: 'D9' }] });
    for (const format of ['table', 'junit', 'sarif']) {
      file('s.avsc', record(element('person.full-name')));
      const { code, out } = await truc('schema', 'check', 's.avsc', '--previous', 'v1.avsc', '-o', format);
      expect(code).toBe(2);
      expect(out).toMatch(/cannot be read by version 1/);
    }
    expect(await truc('schema', 'check', 's.avsc', 'v1.avsc', '--previous', 'v1.avsc')).toMatchObject({ code: 3 });
    expect(await truc('schema', 'check', 's.avsc', '--previous', 'nowhere.avsc')).toMatchObject({ code: 1 });
  });

  it('lets the annotated example of the guide pass, whoever reads it', async () => {
    const example = join(import.meta.dirname, '../../../../docs/examples/resident.avsc');
    for (const more of [[], ['--subject', 'data.g01.population.citizen.v1-value', '--agency', 'G01']]) {
      const { code, out } = await truc('schema', 'check', example, '-o', 'json', ...more);
      expect({ code, ...(JSON.parse(out) as object) }).toMatchObject({ code: 0, violations: [], warnings: [] });
    }
    for (const lang of ['ts', 'java']) expect(await truc('schema', 'types', example, '--lang', lang)).toMatchObject({ code: 0, err: '' });
  });

  it('judges by a release in one file, and says what is wrong with it', async () => {
    const root = join(import.meta.dirname, '../../../../schemas/dictionary');
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.yaml'))
      .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
    const { elements, valueDomains, codeLists } = parseDictionaryFiles(files);
    const retired = elements.map((each) => (each.id.endsWith(':person.full-name') ? { ...each, status: 'retired' } : each));
    file('release.json', JSON.stringify({ number: 9, elements: retired, valueDomains, codeLists }));
    const { code, report } = await checked(good, '--release', 'release.json');
    expect(code).toBe(2);
    expect(report).toMatchObject({ release: 9, violations: [{ rule: 'D1', found: 'retired' }] });
    expect((await checked(good, '--release', root)).code).toBe(0);
    file('release.json', JSON.stringify({ number: 9, elements: [{ id: 'x' }], valueDomains: 5 }));
    expect(await truc('schema', 'check', 's.avsc', '--release', 'release.json')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^the dictionary has \d+ problems/) as string,
    });
  });
});
