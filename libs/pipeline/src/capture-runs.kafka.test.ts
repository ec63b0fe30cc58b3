import { positionOf } from '@truc/change-event';
import { compactedTopic, openLogAdmin, openLogReader, openLogWriter } from '@truc/kafka';
import { Telemetry } from '@truc/telemetry';
import { eventually, testKafka } from '@truc/testing';
import { CaptureFlow } from './capture-flow.js';
import { capturedResidents, clock, codeOf, relation, row, sourceKey, tableName } from './captured-residents.test-data.js';
import type { SourceMessage, SourceRowChange } from './change-source.js';
import { scanToEnd } from './log-scan.js';

const begin = (sequence: bigint): SourceMessage => ({
  kind: 'begin',
  transactionId: String(sequence),
  sequence,
  committedAtMs: clock.now(),
});
const rows = (...changes: SourceRowChange[]): SourceMessage => ({ kind: 'rows', changes });
const inserted = (index: number, ...after: Parameters<typeof row>): SourceRowChange => ({
  kind: 'insert',
  relation,
  index,
  after: row(...after),
});

describe('a capture', () => {
  const { prefix, ...connection } = testKafka();
  const capture = capturedResidents(prefix);
  const { topic, quarantineTopic } = capture.dataset;
  const stateTopic = `${prefix}.state`;
  const telemetry = new Telemetry({ service: 'test', otlpEndpoint: null });
  const reader = openLogReader({ connection, fetchWaitMs: 50 });

  beforeAll(async () => {
    const admin = openLogAdmin({ connection });
    await admin.ensureTopics([topic, quarantineTopic, stateTopic].map((name) => ({ name, partitions: 1, config: compactedTopic() })));
    await admin.close();
  });
  afterAll(async () => {
    await reader.close();
    await telemetry.shutdown();
  });

  /** Runs once over what the source sends; `script` may wait for its acknowledgements. */
  async function run(script: (acknowledged: (sequence: bigint) => Promise<unknown>) => AsyncIterable<SourceMessage>): Promise<void> {
    let last = 0n;
    const acknowledged = (sequence: bigint) => eventually(() => last >= sequence);
    const flow = new CaptureFlow({
      sourceId: 'g01.population',
      connector: 'postgresql',
      slot: 'truc_population',
      source: { stream: () => script(acknowledged), acknowledge: (sequence) => void (last = sequence) },
      tables: new Map([[tableName, capture]]),
      release: 1,
      stateTopic,
      quarantineSchemaIds: new Map([[capture.dataset.name, 3]]),
      openWriter: (partitions) => openLogWriter({ connection, transactionalId: `${prefix}.agent`, partitions }),
      reader,
      checkSource: () => Promise.resolve({ systemIdentifier: '1', timeline: 1 }),
      clock,
      telemetry,
      storeEveryMs: 10,
    });
    await flow.run(AbortSignal.timeout(50_000));
  }

  /** The last entry of every key of the quarantine: whether it holds the row, and at which sequence. */
  async function quarantine(): Promise<Record<string, [isHeld: boolean, sequence: bigint]>> {
    const entries: Record<string, [boolean, bigint]> = {};
    for await (const { key, value, headers } of scanToEnd(reader, quarantineTopic, 0, -2n, AbortSignal.timeout(30_000)))
      entries[key.toString()] = [value !== null, positionOf(headers).sequence];
    return entries;
  }

  it('that ended in the middle of a transaction finds quarantine as it stood at the stored position, and leaves it so on the log', async () => {
    // (1) Committed and stored: the row "held" is held back, the row "good" is published.
    // (2) On the log and not stored: "held" is mended and released, "good" is spoilt and held.
    const cut = run(async function* (acknowledged) {
      yield begin(10n);
      yield rows(inserted(0, 'held', null), inserted(1, 'good', codeOf(1)));
      yield { kind: 'commit', sequence: 10n };
      await acknowledged(10n);
      yield begin(20n);
      yield rows(
        { kind: 'update', relation, index: 0, before: row('held', null), beforeIsWhole: true, after: row('held', codeOf(2)) },
        { kind: 'update', relation, index: 1, before: row('good', codeOf(1)), beforeIsWhole: true, after: row('good', null) },
      );
      await eventually(async () =>
        expect(await quarantine()).toEqual({ [sourceKey('held')]: [false, 20n], [sourceKey('good')]: [true, 20n] }),
      );
      throw new Error('the process ends here');
    });
    await expect(cut).rejects.toThrow('the process ends here');

    // (3) By the next start the source's transaction never was: "good" is good, and is deleted later.
    await run(async function* (acknowledged) {
      expect(await quarantine()).toEqual({ [sourceKey('held')]: [true, 10n], [sourceKey('good')]: [false, 10n] });
      yield begin(30n);
      yield rows({ kind: 'delete', relation, index: 0, before: row('held', null), beforeIsWhole: true });
      yield { kind: 'commit', sequence: 30n };
      await acknowledged(30n);
    });
    expect(await quarantine()).toEqual({ [sourceKey('held')]: [false, 30n], [sourceKey('good')]: [false, 10n] });
  });

  it('lets other work in while it goes through a large transaction that is read ahead', async () => {
    const messages = 20;
    let taken = 0;
    await run(async function* (acknowledged) {
      let hasTurned = false;
      yield begin(40n);
      setImmediate(() => (hasTurned = true));
      for (; taken < messages && !hasTurned; taken++) {
        // As long as the rows of a large message take: nothing here waits for anything outside.
        for (const until = performance.now() + 30; performance.now() < until;);
        yield rows(inserted(taken, `large-${taken}`, codeOf(100 + taken)));
      }
      yield { kind: 'commit', sequence: 40n };
      await acknowledged(40n);
    });
    expect(taken).toBeLessThan(messages);
  });
});
