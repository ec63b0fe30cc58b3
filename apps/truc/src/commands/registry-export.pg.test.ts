import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fillRegistry, record } from '../registry/lived-registry.test-data.js';
import { RunningRegistries, type RunningRegistry } from '../registry/running-registries.test-data.js';

const registries = new RunningRegistries();
let source: RunningRegistry;
let file: string;

beforeAll(async () => {
  source = await registries.start();
  await fillRegistry(source);
  file = join(registries.directory, 'registry.jsonl');
  const { code, out } = await registries.run('registry', 'export', '--from', source.url, '--out', 'registry.jsonl');
  expect([code, out]).toEqual([0, `registry.jsonl: 9 versions and 5 settings of ${source.url}\n`]);
});
afterAll(() => registries.close());

const restore = (target: RunningRegistry, path = 'registry.jsonl') =>
  registries.run('registry', 'import', '--file', path, '--to', target.url);

describe('truc registry export', () => {
  it('writes one line for each thing, by ids, for its owner only', async () => {
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const lines = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject({ kind: 'export', format: 'truc-registry-export/1', ours: true, url: source.url });
    expect(lines.at(-1)).toEqual({
      kind: 'end',
      contexts: 2,
      versions: 9,
      settings: 5,
      withheld: 0,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(lines.filter(({ kind }) => kind === 'version').map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 1]);
    const again = await registries.run('registry', 'export', '--from', source.url, '--out', 'registry.jsonl');
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('is there already')]);
  });
});

describe('truc registry import --file', () => {
  it('brings a lost registry back: what was framed with its ids still decodes, and no id is given twice', async () => {
    const lost = await registries.start();
    await fillRegistry(lost);
    const producer = new SchemaRegistry({ host: lost.url });
    const framedId = await lost.register('framed', record('Framed'));
    const framed = await producer.encode(framedId, { a: 'what was written before' });
    const before = await lost.contents();
    expect((await registries.run('registry', 'export', '--from', lost.url, '--out', 'lost.jsonl')).code).toBe(0);
    await lost.query('DROP SCHEMA registry CASCADE');

    const restored = await registries.start();
    const { code, out, err } = await restore(restored, 'lost.jsonl');
    expect([code, err, out]).toEqual([0, '', expect.stringContaining('10 registered, 3 deleted softly; 10 read back byte for byte')]);
    expect(await restored.contents()).toEqual(before);
    expect(await new SchemaRegistry({ host: restored.url }).decode(framed)).toEqual({ a: 'what was written before' });
    expect(await restored.register('fresh', record('Fresh'))).toBe(framedId + 1);
  });

  it('gives no id that the lost registry may have given after its export', async () => {
    const target = await registries.start();
    const { code } = await registries.run('registry', 'import', '--file', 'registry.jsonl', '--to', target.url, '--ids-after', '1000');
    expect([code, await target.register('fresh', record('Fresh'))]).toEqual([0, 1001]);
  });

  it('is no door beside the rules: it is closed as soon as anything else was registered', async () => {
    const target = await registries.start();
    await target.register('address', record('Address'));
    await target.done('DELETE', '/subjects/address');
    await target.done('DELETE', '/subjects/address?permanent=true');
    const { code, err } = await restore(target);
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/refuses to be restored \(42205\): Only a registry in which nothing was registered yet/),
    ]);
    expect(await target.done('GET', '/subjects?deleted=true')).toEqual([]);
  });

  it.each<[string, (text: string) => string, string]>([
    ['cut in the middle', (text) => text.slice(0, text.length / 2), 'is cut off after line'],
    ['without its last line', (text) => text.replace(/[^\n]*\n$/, ''), 'is cut off after line'],
    ['empty', () => '', 'is cut off after line 0'],
    [
      'a letter changed',
      (text) => text.replace('"Address"', '"Adresse"').replace('\\"Address\\"', '\\"Adresse\\"'),
      'its checksum is that of another text',
    ],
    ['a line left out', (text) => text.replace(/\n\{"kind":"version"[^\n]*/, ''), 'its checksum is that of another text'],
    [
      'lines swapped',
      (text) => text.replace(/(\{"kind":"version"[^\n]*\n)(\{"kind":"version"[^\n]*\n)/, '$2$1'),
      'is not in the order of ids',
    ],
    ['more behind the end', (text) => `${text}{"kind":"context","context":".x","lastId":1}\n`, 'stands after the end'],
    ['another file', () => '{"name":"package"}\n', 'is no export of a registry'],
    ['a later format', (text) => text.replace('truc-registry-export/1', 'truc-registry-export/2'), 'is no export of a registry'],
  ])('refuses a file that is %s, before anything is written', async (name, change, told) => {
    const target = await emptyRegistry();
    const path = join(registries.directory, 'bad.jsonl');
    writeFileSync(path, change(readFileSync(file, 'utf8')), { mode: 0o600 });
    chmodSync(path, 0o600);
    const { code, err } = await restore(target, 'bad.jsonl');
    expect([name, code, err]).toEqual([name, 1, expect.stringContaining(told)]);
    expect(await target.contents()).toEqual({ versions: [], settings: [], lastIds: [{ context: '.', lastId: 0 }], contexts: ['.'] });
  });
});

let empty: RunningRegistry | undefined;
async function emptyRegistry(): Promise<RunningRegistry> {
  return (empty ??= await registries.start());
}
