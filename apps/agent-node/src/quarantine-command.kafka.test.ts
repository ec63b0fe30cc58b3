import { randomUUID } from 'node:crypto';
import { agentCommand, type AgentCommand, type PolicyEntry } from '@truc/coordination';
import { compactedTopic, openLogAdmin, openLogWriter } from '@truc/kafka';
import { datasetQuality, QuarantineBook, shownHeldRow, type LogRecord, type RowReason } from '@truc/pipeline';
import { Telemetry } from '@truc/telemetry';
import { testKafka } from '@truc/testing';
import { elementUrn as urn, policyOfDocuments, residentDocuments } from './applied-policy.test-data.js';
import { obeyQuarantine, type QuarantineCommandParts } from './quarantine-command.js';

describe('what an agent tells of its quarantine', () => {
  const { prefix, ...connection } = testKafka();
  const topic = `${prefix}quarantine`;
  const telemetry = new Telemetry({ service: 'test', otlpEndpoint: null });
  const secrets = /secret|Bí|Mật|001099/;
  let parts: QuarantineCommandParts;
  const never = new AbortController().signal;

  const ask = (entry: string | null, more: Partial<AgentCommand> = {}): AgentCommand => ({
    ...agentCommand.parse({
      id: randomUUID(),
      command: 'quarantine',
      source: 'population',
      quarantine: { dataset: 'population.resident', entry },
      deadlineMs: Date.now() + 30_000,
      principal: 'alice',
    }),
    ...more,
  });

  beforeAll(async () => {
    const entries = policyOfDocuments(residentDocuments()).map((entry): PolicyEntry =>
      entry.kind === 'dataset' ? { ...entry, quarantineTopic: topic } : entry,
    );
    parts = { connection, telemetry, entries, seat: { agency: 'G01' } };
  });
  afterAll(() => telemetry.shutdown());

  async function hold(): Promise<void> {
    const admin = openLogAdmin({ connection });
    await admin.ensureTopics([{ name: topic, partitions: 1, config: compactedTopic() }]);
    await admin.close();
    const book = new QuarantineBook(topic, 1);
    const held = (row: number, reasons: readonly RowReason[], sequence: bigint): LogRecord =>
      book.hold(
        {
          dataset: 'population.resident',
          table: 'dancu.cong_dan',
          sourceKey: JSON.stringify([`secret-${row}`]),
          position: { epoch: 1, sequence, index: 0 },
          reasons,
          columns: new Map([
            ['so_dinh_danh', '00109900001x'],
            ['ho_ten', 'Trần  Bí Mật'],
          ]),
          lastPublishedKey: row === 1 ? { scheme: 'personal-id', code: '001099000012', row: 'secret-1' } : null,
        },
        Date.now(),
      );
    const name = { rule: 'V2', element: urn('person.full-name'), field: 'person_full_name', reason: 'double-space' };
    const code = { rule: 'V1', element: urn('person.personal-id'), field: 'so_dinh_danh', reason: 'not-digits' };
    const writer = await openLogWriter({ connection, transactionalId: `${prefix}writer`, partitions: [{ topic, partition: 0 }] });
    await writer.write([
      held(1, [name], 1n),
      held(2, [name, code], 2n),
      held(3, [code], 3n),
      book.release('["secret-3"]', { epoch: 1, sequence: 4n, index: 0 }, Date.now()),
    ]);
    await writer.flush();
    await writer.close();
    telemetry.record('truc_capture_rows', 40, { dataset: 'population.resident' });
    telemetry.record('truc_capture_findings', 3, {
      agency: 'G01',
      dataset: 'population.resident',
      rule: 'V2',
      element: urn('person.full-name'),
      outcome: 'quarantined',
    });
    telemetry.record('truc_capture_rows', 1, { dataset: 'another' });
  }

  it('is nothing before there is a topic, then counts, forms and counters, and no value or key of a row', async () => {
    const nothing = await obeyQuarantine(ask(null), parts, never);
    expect(datasetQuality.parse(nothing.detail.quality)).toMatchObject({ heldRows: 0, rules: [] });
    await hold();
    const reply = await obeyQuarantine(ask(null), parts, never);
    expect(JSON.stringify(reply)).not.toMatch(secrets);
    const quality = datasetQuality.parse(reply.detail.quality);
    expect(quality).toMatchObject({ agency: 'G01', source: 'population', heldRows: 2, staleRows: 1, counters: { rows: 40 } });
    expect(quality.counters?.findings).toEqual([{ rule: 'V2', element: urn('person.full-name'), outcome: 'quarantined', findings: 3 }]);
    expect(quality.rules).toMatchObject([
      { rule: 'V2', heldRows: 2, reasons: { 'double-space': 2 }, examples: [{ form: 'Xxxx  Xx Xxx' }, { form: 'Xxxx  Xx Xxx' }] },
      { rule: 'V1', heldRows: 1, reasons: { 'not-digits': 1 }, examples: [{ form: '99999999999x' }] },
    ]);

    const entry = quality.rules[1]?.examples[0]?.entry ?? '';
    const shown = await obeyQuarantine(ask(entry), parts, never);
    expect(JSON.stringify(shown)).not.toMatch(secrets);
    const row = shownHeldRow.parse(shown.detail.row);
    expect(row).toMatchObject({ state: 'held', isStale: false, position: '1/2/0', table: 'dancu.cong_dan' });
    expect(row.reasons.map(({ rule, column }) => [rule, column])).toEqual([
      ['V2', 'ho_ten'],
      ['V1', 'so_dinh_danh'],
    ]);
    expect(new Map(row.columns.map(({ column, form }) => [column, form]))).toEqual(
      new Map([
        ['so_dinh_danh', '99999999999x'],
        ['ho_ten', 'Xxxx  Xx Xxx'],
      ]),
    );
  });

  it('is refused in words where there is no such dataset or entry, or no time', async () => {
    const unknown = await obeyQuarantine(ask(null, { quarantine: { dataset: 'another', entry: null } }), parts, never);
    expect(unknown).toMatchObject({ ok: false, message: expect.stringContaining('no policy names the dataset another') as string });
    expect(await obeyQuarantine(ask('999999'), parts, never)).toMatchObject({
      ok: false,
      message: expect.stringContaining('has no entry 999999') as string,
    });
    const gone = new AbortController();
    gone.abort();
    expect(await obeyQuarantine(ask(null), parts, gone.signal)).toMatchObject({
      ok: false,
      message: 'this node no longer acts for the source',
    });
  });
});
