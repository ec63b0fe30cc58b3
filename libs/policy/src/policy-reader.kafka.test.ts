import { digestOfItems, policyKey, type PolicyEntry } from '@truc/coordination';
import { compactedTopic, openLogAdmin, openLogReader, openLogWriter } from '@truc/kafka';
import { eventually, testKafka } from '@truc/testing';
import type { PolicyChange, PolicyProblem } from './policy-fold.js';
import { publishPolicy } from './policy-publish.js';
import { PolicyReader } from './policy-reader.js';

const { prefix, ...connection } = testKafka();
const common = `${prefix}.policy.common`;
const own = `${prefix}.policy.g01`;
const late = `${prefix}.policy.g02`;

function agency(code: string, name = code): PolicyEntry {
  return { kind: 'agency', code, name: { vi: name, en: name } };
}

describe('policy over the log', () => {
  const admin = openLogAdmin({ connection });
  const reader = openLogReader({ connection, fetchWaitMs: 50 });
  const readers: PolicyReader[] = [];
  let writer: Awaited<ReturnType<typeof openLogWriter>>;

  function policyReader(topics: string[], problems: PolicyProblem[] = []): PolicyReader {
    const policy = new PolicyReader({ reader, topics, retryMs: 50, onProblem: (problem) => problems.push(problem) });
    readers.push(policy);
    return policy;
  }

  beforeAll(async () => {
    await admin.ensureTopics([common, own].map((name) => ({ name, partitions: 1, config: compactedTopic() })));
    const partitions = [common, own].map((topic) => ({ topic, partition: 0 }));
    writer = await openLogWriter({ connection, transactionalId: `${prefix}.policy`, partitions });
  });

  afterAll(async () => {
    await Promise.all(readers.map((policy) => policy.close()));
    await writer.close();
    await reader.close();
    await admin.deleteTopics([common, own, late]);
    await admin.close();
  });

  it('is ready on empty topics, and on those that hold only the marks of their writer', async () => {
    const policy = policyReader([common, own]);
    policy.start();
    await policy.ready;
    expect(policy.all()).toEqual([]);
  });

  it('reads what was published, tells changes and withdraws', async () => {
    const before = policyReader([common, own]);
    const changes: PolicyChange[] = [];
    before.onChange((change) => changes.push(change));
    before.onChange(() => {
      throw new Error('a listener that fails is its own affair');
    });
    before.start();
    await before.ready;
    await publishPolicy(writer, common, { set: [agency('G01'), agency('G02')], remove: [] });
    await publishPolicy(writer, common, { set: [agency('G01', 'renamed')], remove: ['agency/G02'] });
    await before.untilRead();
    const after = policyReader([common, own]);
    after.start();
    await after.ready;
    for (const policy of [before, after]) expect(policy.entries('agency')).toEqual([agency('G01', 'renamed')]);
    expect(changes.flatMap(({ changed }) => changed.map(policyKey))).toContain('agency/G01');
    // Both publications may have come in one batch, in which the withdrawn entry never was.
    expect(before.entries('dataset')).toEqual([]);
  });

  it('keeps out what it cannot read, with the version before it, says so, and takes the next good version', async () => {
    const problems: PolicyProblem[] = [];
    const policy = policyReader([common, own], problems);
    policy.start();
    await policy.ready;
    const bad = (key: string, value: string) => ({
      topic: own,
      partition: 0,
      key: Buffer.from(key),
      value: Buffer.from(value),
      headers: [],
      timestampMs: Date.now(),
    });
    await publishPolicy(writer, own, { set: [agency('G03')], remove: [] });
    await writer.write([
      bad('agency/G03', '{"kind":"agency"'),
      bad('agency/G04', JSON.stringify({ ...agency('G04'), more: 1 })),
      bad('agency/G05', JSON.stringify(agency('G06'))),
      bad('new-kind/x', '{"kind":"new-kind"}'),
    ]);
    await writer.flush();
    await policy.untilRead();
    expect(policy.entriesOfTopic(own)).toEqual([]);
    expect(problems.map(({ key }) => key)).toEqual(['agency/G03', 'agency/G04', 'agency/G05', 'new-kind/x']);
    await publishPolicy(writer, own, { set: [agency('G03', 'good')], remove: ['agency/G04', 'agency/G05', 'new-kind/x'] });
    await policy.untilRead();
    expect(policy.entriesOfTopic(own)).toEqual([agency('G03', 'good')]);
    expect(policy.problems()).toEqual([]);
  });

  it('tells of a release of which a part is missing, once, and writes parts before the release that refers to them', async () => {
    const entries: [string, string, string | null][] = [['0123', '2026-01-01', null]];
    const part: PolicyEntry = { kind: 'codelist', id: 'urn:vn:ddict:codelist:x', digest: digestOfItems(entries), entries };
    const lists = [{ id: part.id, open: false, parts: [part.digest] }];
    const manifest: PolicyEntry = { kind: 'dictionary', release: 3, elements: [], valueDomains: [], codeLists: lists };
    await publishPolicy(writer, common, { set: [manifest], remove: [] });
    const problems: PolicyProblem[] = [];
    const policy = policyReader([common], problems);
    policy.start();
    await policy.ready;
    expect(problems).toMatchObject([{ topic: common, key: 'dictionary/3', reason: expect.stringContaining(policyKey(part)) as string }]);
    await publishPolicy(writer, common, { set: [agency('G07')], remove: [] });
    await policy.untilRead();
    expect(problems).toHaveLength(1);
    await publishPolicy(writer, common, { set: [manifest, part], remove: [] });
    await policy.untilRead();
    expect([policy.problems(), problems.length]).toEqual([[], 1]);
    // What is withdrawn goes the other way: never a part before what refers to it.
    const seen: string[] = [];
    policy.onChange(({ removed }) => seen.push(...removed, ...policy.problems().map(({ reason }) => reason)));
    await publishPolicy(writer, common, { set: [], remove: [policyKey(part), 'dictionary/3', 'agency/G07'] });
    await policy.untilRead();
    expect(seen.filter((key) => !key.startsWith('agency'))).toEqual(['dictionary/3', policyKey(part)]);
  });

  it('waits for a topic that is not there yet, and takes up another one while it runs', async () => {
    const policy = policyReader([common, late]);
    policy.start();
    await eventually(() => policy.entries('agency').length > 0);
    expect(policy.isReady).toBe(false);
    await expect(policy.untilRead()).rejects.toMatchObject({ code: 'POLICY_UNREACHABLE', retry: true });
    await admin.ensureTopics([{ name: late, partitions: 1, config: compactedTopic() }]);
    await policy.ready;
    policy.addTopic(own);
    await policy.untilRead();
    expect(policy.entriesOfTopic(own)).toEqual([agency('G03', 'good')]);
  });

  it('gives up waiting when it is told to', async () => {
    const policy = policyReader([common]);
    policy.start();
    await policy.ready;
    const never = policy.untilRead(new Map([[common, 1_000_000n]]), AbortSignal.timeout(100));
    await expect(never).rejects.toMatchObject({ code: 'POLICY_UNREACHABLE' });
  });
});
