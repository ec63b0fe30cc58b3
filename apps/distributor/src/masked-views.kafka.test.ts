import { compileCodec, unframe } from '@truc/avro';
import { masterDataKeySchema, namespaceOfTopic, positionOf, shippedSchema, viewValueSchema, type ViewEnvelope } from '@truc/change-event';
import type { ViewPolicy } from '@truc/contracts';
import { openLogAdmin, openLogReader, openLogWriter } from '@truc/kafka';
import { comparePositions, systemClock, type Position } from '@truc/kernel';
import { FanoutFlow, FlowSupervisor, scanToEnd, type StoredRecord } from '@truc/pipeline';
import { Telemetry } from '@truc/telemetry';
import { eventually, personalId, TestDataset, testKafka, TestSchemas } from '@truc/testing';

const at = (sequence: number): Position => ({ epoch: 1, sequence: BigInt(sequence), index: 0 });

describe('a view with masks', () => {
  const { prefix, ...connection } = testKafka();
  const telemetry = new Telemetry({ service: 'distributor', otlpEndpoint: null });
  const admin = openLogAdmin({ connection });
  const reader = openLogReader({ connection, fetchWaitMs: 50 });
  const schemas = new TestSchemas();
  const dataset = new TestDataset(`${prefix}.data.g01.population.resident.v1`, 1, schemas);
  const [stateTopic, rejectedTopic, topic] = ['state.distributor', 'rejected.distributor', 'view.masked'].map(
    (name) => `${prefix}.${name}`,
  ) as [string, string, string];
  const masks = { personalId: 'hash', fullName: 'last-2', birthDate: 'year', registeredAt: 'year' };
  const nullableYear = { type: ['null', 'int'], default: null };
  const row = {
    type: 'record',
    name: 'Row',
    namespace: namespaceOfTopic(topic),
    fields: [
      { name: 'personalId', type: 'string' },
      { name: 'fullName', type: 'string' },
      { name: 'birthDate', ...nullableYear },
      { name: 'registeredAt', ...nullableYear },
    ],
  };
  const view: ViewPolicy = {
    kind: 'view',
    id: 'masked',
    topic,
    dataset: dataset.name,
    generation: 1,
    datasetTopic: dataset.topic,
    partitions: 1,
    scheme: dataset.scheme,
    codeField: dataset.codeField,
    codeInClear: false,
    fields: Object.keys(masks).map((name) => ({ name, element: `urn:x:${name}`, role: 'source', protection: 'masked', required: false })),
    masks,
    maskKey: 'G12',
    valueSchema: viewValueSchema(topic, row),
  };

  beforeAll(async () => {
    schemas.register(`${rejectedTopic}-value`, shippedSchema('RejectedRecord'));
    schemas.register(`${topic}-key`, masterDataKeySchema);
    schemas.register(`${topic}-value`, view.valueSchema);
    await admin.ensureTopics([dataset.topic, stateTopic, rejectedTopic, topic].map((name) => ({ name, partitions: 1, config: {} })));
  });
  afterAll(async () => {
    await admin.deleteTopics([dataset.topic, stateTopic, rejectedTopic, topic]).catch(() => {});
    await Promise.allSettled([admin.close(), reader.close(), telemetry.shutdown()]);
  });

  it('lets out what the masks leave, and the values nowhere: not in values, keys or headers', async () => {
    const partitions = [{ topic: dataset.topic, partition: 0 }];
    const agent = await openLogWriter({ connection, transactionalId: `${prefix}.agent`, partitions });
    await agent.write([
      dataset.change('c', 1, at(1), dataset.row(1, { fullName: 'Canary Nguyễn' })),
      dataset.change('c', 2, at(2)),
      dataset.change('u', 2, at(3), dataset.row(2, { birthDate: null })),
      dataset.change('d', 1, at(4)),
    ]);
    await agent.close();
    const flow = new FanoutFlow([view], {
      reader,
      openWriter: (transactionalId, of) => openLogWriter({ connection, transactionalId, partitions: of }),
      schemas,
      isReleased: async () => true,
      secret: Buffer.from('a secret of the distributor that is long enough'),
      service: `${prefix}.distributor`,
      stateTopic,
      rejectedTopic,
      telemetry,
      clock: systemClock,
    });
    const supervisor = new FlowSupervisor({ run: (stop) => flow.run(stop), retryMs: 20, retryMsMax: 200 });
    const found: StoredRecord[] = [];
    try {
      await supervisor.resume();
      await eventually(async () => {
        found.length = 0;
        for await (const record of scanToEnd(reader, topic, 0, -2n, new AbortController().signal)) found.push(record);
        expect(found).toHaveLength(4);
      });
    } finally {
      await supervisor.close();
    }
    found.sort((a, b) => comparePositions(positionOf(a.headers), positionOf(b.headers)));
    const codec = compileCodec(view.valueSchema);
    const rows = found.map(({ value }) => (codec.decode(unframe(value!).body) as ViewEnvelope).after);
    const hash = expect.stringMatching(/^[A-Za-z0-9_-]{22}$/) as string;
    expect(rows).toEqual([
      { personalId: hash, fullName: '***ễn', birthDate: 1989, registeredAt: 2023 },
      { personalId: hash, fullName: '*** 2', birthDate: 1989, registeredAt: 2023 },
      { personalId: hash, fullName: '*** 2', birthDate: null, registeredAt: 2023 },
      null,
    ]);
    const [one, two, again] = rows.map((after) => after?.['personalId']);
    expect([one === two, two === again]).toEqual([false, true]);
    for (const { key, value, headers } of found) {
      const bytes = Buffer.concat([key, value ?? Buffer.alloc(0), ...headers.map((header) => header.value)]);
      for (const clear of ['Canary', personalId(1), personalId(2)]) expect(bytes.includes(clear)).toBe(false);
    }
  });
});
