import { compileCodec, frame } from '@truc/avro';
import {
  datasetValueSchema,
  encodeMasterDataKey,
  masterDataKeySchema,
  namespaceOfTopic,
  partitionForCode,
  positionHeaders,
  type ChangeEnvelope,
} from '@truc/change-event';
import { canonicalFieldName, createRelease, rowSchema, type DictionaryRelease, type FieldPolicy } from '@truc/dictionary';
import type { Row } from '@truc/kernel';
import { TestSchemas } from '@truc/testing';
import { clock, codeOf, release } from './captured-residents.test-data.js';
import { MemoryLog } from './memory-log.test-data.js';
import { shadowRun, type ShadowDataset, type ShadowReport } from './shadow-run.js';

const urn = (name: string): string => `urn:vn:ddict:element:${name}`;
const field = (name: string, more: Partial<FieldPolicy> = {}): FieldPolicy => {
  const element = urn(name);
  return { name: canonicalFieldName(element), element, role: 'source', protection: 'none', required: false, ...more };
};
const fields = [
  field('person.personal-id', { required: true }),
  field('person.full-name'),
  field('person.sex'),
  field('person.date-of-birth'),
  field('person.blood-type', { protection: 'masked' }),
];
const topic = 'data.g01.population.resident.v1';
const dataset: ShadowDataset = {
  name: 'population.resident',
  agency: 'G01',
  topic,
  scheme: 'personal-id',
  codeField: 'person_personal_id',
  fields,
  referenceDate: 'commit',
};
const valueSchema = datasetValueSchema(topic, rowSchema({ namespace: namespaceOfTopic(topic), name: 'Row', fields, release }));
const codec = compileCodec(valueSchema);
const committedAtMs = Date.UTC(2026, 2, 1);

/** The release with names of at most ten characters, and with the sex 1 in force up to a day. */
function narrower(lastDay: string | null = null): DictionaryRelease {
  const domains = release.valueDomains().map((domain) => (domain.id.endsWith(':person-name') ? { ...domain, maxLength: 10 } : domain));
  const lists = release.codeLists().map(({ definition }) => ({
    ...definition,
    entries: definition.id.endsWith(':sex')
      ? definition.entries.map((entry) => (entry.code === '1' ? { ...entry, validTo: lastDay } : entry))
      : definition.entries,
  }));
  const elements = release.elements().map(({ urn: id, field: _field, ...rest }) => ({ id, ...rest }));
  return createRelease({ number: 2, elements, valueDomains: domains, codeLists: lists });
}

describe('a shadow run', () => {
  let log: MemoryLog;
  let schemas: TestSchemas;
  let keyId: number;
  let valueId: number;

  function write(index: number, more: Row | null, op: ChangeEnvelope['op'] = 'c'): void {
    const code = codeOf(index);
    const after = {
      person_personal_id: code,
      person_full_name: 'An',
      person_sex: '1',
      person_date_of_birth: 0,
      person_blood_type: 'A',
      ...more,
    };
    const source = {
      connector: 'postgresql',
      sourceId: 'g01.population',
      ts_ms: BigInt(committedAtMs),
      snapshot: false,
      txId: null,
      epoch: 1,
      sequence: 1n,
      index: BigInt(index),
      release: 1,
    };
    const envelope = { before: null, after: op === 'd' ? null : after, source, op, ts_ms: 0n, transaction: null };
    const partition = partitionForCode(code, 2);
    const records = log.records(topic, partition);
    records.push({
      topic,
      partition,
      key: encodeMasterDataKey({ scheme: 'personal-id', code, row: '' }, keyId),
      value: more === null ? null : frame(valueId, codec.encode(envelope)),
      headers: positionHeaders({ epoch: 1, sequence: 1n, index }),
      timestampMs: 0,
      offset: BigInt(records.length),
    });
  }

  const run = (next: DictionaryRelease, more: Partial<ShadowDataset> = {}, signal = new AbortController().signal): Promise<ShadowReport> =>
    shadowRun({ ...dataset, ...more }, { reader: log.reader(), schemas, releases: { now: release, next }, clock }, signal);

  beforeEach(() => {
    log = new MemoryLog();
    schemas = new TestSchemas();
    keyId = schemas.register(`${topic}-key`, masterDataKeySchema);
    valueId = schemas.register(`${topic}-value`, valueSchema);
    for (const partition of [0, 1]) log.records(topic, partition);
  });

  it('counts what another release would hold, by rule and element, and what of it is new', async () => {
    for (let index = 1; index <= 6; index++) write(index, {});
    write(7, { person_full_name: 'Nguyễn Văn An' });
    write(8, { person_full_name: 'Nguyễn Văn  Bình' });
    write(9, { person_full_name: ' An' });
    write(10, {}, 'd');
    write(11, null);
    const report = await run(narrower());
    expect(report).toMatchObject({
      dataset: 'population.resident',
      agency: 'G01',
      records: 11,
      rows: 9,
      refused: 0,
      held: 3,
      newlyHeld: 1,
    });
    expect(report.counts).toEqual([
      { rule: 'V2', element: urn('person.full-name'), reason: 'too-long', rows: 2, newRows: 2 },
      { rule: 'V2', element: urn('person.full-name'), reason: 'double-space', rows: 1, newRows: 0 },
      { rule: 'V2', element: urn('person.full-name'), reason: 'not-trimmed', rows: 1, newRows: 0 },
    ]);
    expect(report).toMatchObject({ approximateDays: false });
    expect(JSON.stringify(report)).not.toMatch(/Nguy|Bình/);
    expect(await run(release)).toMatchObject({ held: 2, newlyHeld: 0 });
  });

  it('judges what views mask as well: the log has it as the source does, and capture would hold it', async () => {
    write(1, { person_blood_type: 'Z' });
    const counts = [{ rule: 'V3', element: urn('person.blood-type'), reason: 'not-in-code-list', rows: 1, newRows: 0 }];
    const report = await run(release);
    expect(report).toMatchObject({ held: 1, newlyHeld: 0, counts });
    expect(JSON.stringify(report)).not.toContain('"Z"');
  });

  it('judges codes by the day of the commit, or by the field that tells their day', async () => {
    write(1, {});
    write(2, { person_date_of_birth: 20_000 });
    const ended = narrower('2020-12-31');
    const counts = [{ rule: 'V3', element: urn('person.sex'), reason: 'not-in-force', rows: 2, newRows: 2 }];
    expect(await run(ended)).toMatchObject({ held: 2, counts, approximateDays: false });
    expect(await run(ended, { referenceDate: { field: 'person_date_of_birth' } })).toMatchObject({ held: 1, approximateDays: false });
    expect(await run(ended, { referenceDate: 'unpublished' })).toMatchObject({ held: 2, approximateDays: true });
  });

  it('leaves out what the dataset lets pass, and counts apart what no consumer takes', async () => {
    write(1, { person_full_name: 'Nguyễn Văn An' });
    expect(await run(narrower(), { rules: { V2: 'pass' } })).toMatchObject({ rows: 1, held: 0, counts: [] });
    const [first] = [...log.records(topic, 0), ...log.records(topic, 1)];
    log.records(topic, first!.partition).push({ ...first!, value: Buffer.from('poison'), offset: 1n });
    expect(await run(narrower())).toMatchObject({ records: 2, rows: 1, refused: 1, held: 1 });
  });

  it('reads many batches, tells how far it is, and stops when it is told to', async () => {
    for (let index = 1; index <= 1300; index++) write(index, {});
    const told: [number, number][] = [];
    const stop = new AbortController();
    const options = { reader: log.reader(), schemas, releases: { now: release, next: narrower() }, clock };
    const whole = await shadowRun(dataset, { ...options, onProgress: (_, read, of) => told.push([read, of]) }, stop.signal);
    expect(whole).toMatchObject({ records: 1300, rows: 1300, held: 0 });
    expect(told.at(-1)).toEqual([1300, 1300]);
    expect(told.length).toBeGreaterThanOrEqual(3);
    const stopped = shadowRun(dataset, { ...options, onProgress: () => stop.abort(new Error('enough')) }, stop.signal);
    await expect(stopped).rejects.toThrow('enough');
  });
});
