import { readFileSync, statSync } from 'node:fs';
import { policyKey, readRelease } from '@truc/coordination';
import { compactedTopic, openLogAdmin, openLogWriter } from '@truc/kafka';
import { reveal } from '@truc/kernel';
import { startKafka } from '@truc/local-stack';
import { eventually, testPostgres } from '@truc/testing';
import { ConfigResourceTypes, Kafka, logLevel } from 'kafkajs';
import { platformConfiguration } from './configuration.js';
import { startPlatform } from './platform.js';
import { dictionary, documents, RunningPlatform, title } from './running-platform.test-data.js';

describe('the platform', () => {
  const backbone = new RunningPlatform({ startKafka, testPostgres });
  const { call, configuration, everythingOf, policyOf } = backbone;

  it('is ready, keeps its key to itself, and publishes only the public part', async () => {
    expect((await call('GET', '/health/live', undefined, '')).status).toBe(200);
    expect(await call('GET', '/health/ready', undefined, '')).toMatchObject({ status: 200, body: { published: true } });
    expect((await fetch(`${backbone.platform.url}/metrics`)).status).toBe(200);
    expect(statSync(backbone.tokenKeyFile).mode & 0o777).toBe(0o600);
    const { privateJwk, keyId } = JSON.parse(readFileSync(backbone.tokenKeyFile, 'utf8')) as { keyId: string; privateJwk: { d: string } };
    const common = await policyOf('policy.common');
    expect(common).toMatchObject([{ kind: 'token-key', keyId }]);
    expect(JSON.stringify(common)).not.toContain(privateJwk.d);
  });

  it.each(['/v1/documents', '/v1/policy', '/v1/status', '/v1/audit', '/v1/principals', '/v1/documents/agency/G01'])(
    'lets nobody see %s without credentials',
    async (path) => {
      expect((await call('GET', path, undefined, '')).status).toBe(401);
      expect((await call('GET', path, undefined, 'x.y.z')).status).toBe(401);
    },
  );

  it('tells what it does not understand', async () => {
    expect((await call('POST', '/v1/apply', { file: [] })).status).toBe(400);
    expect((await call('POST', '/v1/apply', 'text')).status).toBe(400);
    expect((await call('GET', '/v1/nothing')).status).toBe(404);
    expect((await call('POST', '/v1/apply', { files: [] }, '')).status).toBe(401);
  });

  it('refuses documents with problems and keeps nothing of them', async () => {
    const files = [...dictionary, ...documents, { path: 'bad.yaml', text: 'agency: {code: g1, nmae: x}\n' }];
    const reply = await call('POST', '/v1/apply', { files });
    expect(reply.status).toBe(422);
    expect(reply.body.problems).toEqual([
      expect.objectContaining({ file: 'bad.yaml', line: 1, column: 9, code: 'DOCUMENT_FIELD_MISSING' }),
      expect.objectContaining({ file: 'bad.yaml', line: 1, column: 16, code: 'DOCUMENT_AGENCY_CODE' }),
      expect.objectContaining({
        file: 'bad.yaml',
        line: 1,
        column: 20,
        code: 'DOCUMENT_FIELD_UNKNOWN',
        hint: expect.stringContaining('name'),
      }),
    ]);
    expect((await call('GET', '/v1/documents')).body).toEqual({ documents: [] });
    expect((await policyOf('policy.common')).map(({ kind }) => kind)).toEqual(['token-key']);
  });

  it('applies, and applied again changes nothing', async () => {
    const files = [...dictionary, ...documents];
    const trial = await call('POST', '/v1/apply', { files, dryRun: true });
    expect(trial).toMatchObject({ status: 200, body: { dryRun: true, published: null } });
    expect((await call('GET', '/v1/documents')).body).toEqual({ documents: [] });

    const first = await call('POST', '/v1/apply', { files });
    expect(first).toMatchObject({ status: 200, body: { created: trial.body.created, changed: [], pending: null } });
    expect(first.body.created).toHaveLength(7);
    expect(first.body.published.topicsCreated).toContain('data.g01.population.resident.v1');
    expect(first.body.published.published.map(({ topic }: { topic: string }) => topic)).toEqual([
      'policy.common',
      'policy.g01',
      'policy.g12-34',
    ]);

    const again = await call('POST', '/v1/apply', { files });
    expect(again).toMatchObject({
      status: 200,
      body: { message: 'nothing changed', created: [], changed: [], published: { topicsCreated: [], published: [] } },
    });
    expect(again.body.unchanged).toHaveLength(6);
    const common = await policyOf('policy.common');
    expect(new Set(common.map(({ kind }) => kind))).toEqual(
      new Set(['token-key', 'agency', 'codelist', 'definitions', 'dictionary', 'dataset']),
    );
    expect((await policyOf('policy.g12-34')).map(({ kind }) => kind).sort()).toEqual(['contract', 'view']);
    expect(await call('GET', '/v1/documents/source/G01/population')).toMatchObject({
      status: 200,
      body: { revision: 1, appliedBy: 'administrator' },
    });
    expect((await call('GET', '/v1/documents/agency/G99')).status).toBe(404);
    const { schemas } = (await call('GET', '/v1/status')).body;
    const kinds = schemas.map(({ subject }: { subject: string }) => subject.replace(/^view\.[0-9a-f]{32}/, 'view.*'));
    expect(kinds.toSorted()).toEqual([
      'data.g01.population.resident.v1-key',
      'data.g01.population.resident.v1-value',
      'quarantine.g01.population.resident-value',
      'receipts-value',
      'rejected.distributor-value',
      'rejected.g01-value',
      'rejected.g12-34-value',
      'rejected.g12-value',
      'rejected.general-database-value',
      'view.*-key',
      'view.*-value',
    ]);
    expect(schemas[0]).toMatchObject({ state: 'waiting', reason: 'there is no registry' });
  });

  it('publishes a release once it is approved, and keeps the ones before', async () => {
    const sex = dictionary.find(({ path }) => path.endsWith('/sex.yaml'))!;
    const changed = { ...sex, text: sex.text.replace("version: '1.0.0'", "version: '1.1.0'").replace('Chưa xác định', 'Không xác định') };
    const releases = async (): Promise<number[]> =>
      (await policyOf('policy.common')).flatMap((entry) => (entry.kind === 'dictionary' ? [entry.release] : [])).sort();
    const { body } = await call('POST', '/v1/apply', { files: [changed] });
    expect(body).toMatchObject({ created: [], changed: [], proposal: { number: 1 }, published: { published: [] } });
    expect(await releases()).toEqual([1]);
    expect((await call('POST', '/v1/dictionary/proposals/1/approval', {})).status).toBe(403);
    const authority = await call('POST', '/v1/principals', { name: 'hoa', role: 'dictionary-authority' });
    expect(authority).toMatchObject({ status: 201, body: { kafka: null } });
    const before = new Set((await policyOf('policy.common')).map(policyKey));
    const approved = await call('POST', '/v1/dictionary/proposals/1/approval', {}, authority.body.token as string);
    expect(approved).toMatchObject({ status: 200, body: { release: 2, pending: null } });
    expect(await releases()).toEqual([1, 2]);
    // What the releases have in common is not published again.
    const after = await policyOf('policy.common');
    const added = after.filter((entry) => !before.has(policyKey(entry)));
    expect(added.map(({ kind }) => kind)).toEqual(['dictionary']);
    for (const release of [1, 2]) expect(readRelease(after, release).kind).toBe('whole');
    const dataset = (await policyOf('policy.common')).find((entry) => entry.kind === 'dataset');
    expect(dataset).toMatchObject({ release: 2 });
    expect((await call('DELETE', '/v1/principals/hoa')).status).toBe(204);
    expect((await call('POST', '/v1/dictionary/proposals/1/approval', {}, authority.body.token as string)).status).toBe(401);
  });

  it('brings topics of states to their configuration, which were made as those of data', async () => {
    const { brokers, username, password } = backbone.superUser;
    const sasl = { mechanism: 'scram-sha-512', username, password: reveal(password) } as const;
    const asks = new Kafka({ brokers: [...brokers], sasl, logLevel: logLevel.NOTHING }).admin();
    const settings = async (): Promise<(string | undefined)[]> => {
      const names = ['state.g01', 'state.distributor', 'data.g01.population.resident.v1'];
      const resources = names.map((name) => ({ type: ConfigResourceTypes.TOPIC, name, configNames: ['min.compaction.lag.ms'] }));
      const { resources: found } = await asks.describeConfigs({ resources, includeSynonyms: false });
      return names.map((name) => found.find(({ resourceName }) => resourceName === name)?.configEntries[0]?.configValue);
    };
    const days = String(7 * 86_400_000);
    const admin = openLogAdmin({ connection: backbone.superUser });
    try {
      await asks.connect();
      await admin.ensureTopics(['state.g01', 'state.distributor'].map((name) => ({ name, partitions: 1, config: compactedTopic() })));
      await eventually(async () => expect(await settings()).toEqual([days, days, days]));
      expect((await call('POST', '/v1/apply', { files: documents })).status).toBe(200);
      await eventually(async () => expect(await settings()).toEqual(['0', '0', days]));
    } finally {
      await Promise.allSettled([asks.disconnect(), admin.close()]);
    }
  });

  it('finds everything again after a restart, and mends what was changed behind its back', async () => {
    await backbone.platform.close();
    const writer = await openLogWriter({
      connection: backbone.superUser,
      transactionalId: 'test.mischief',
      partitions: [{ topic: 'policy.common', partition: 0 }],
    });
    const place = { topic: 'policy.common', partition: 0, headers: [], timestampMs: Date.now() };
    const [part] = (await policyOf('policy.common')).filter(({ kind }) => kind === 'codelist').map(policyKey);
    if (part === undefined) throw new Error('there is no code list');
    await writer.write([
      { ...place, key: Buffer.from('agency/G01'), value: null },
      { ...place, key: Buffer.from('agency/G66'), value: Buffer.from(`{"kind":"agency","code":"G66","name":{"vi":"a","en":"a"}}`) },
      { ...place, key: Buffer.from('agency/G12'), value: Buffer.from('no json') },
      // What two releases refer to; and a code list as releases of before they shared theirs had it.
      { ...place, key: Buffer.from(part), value: null },
      { ...place, key: Buffer.from('codelist/1/urn:x/0'), value: Buffer.from('{"kind":"codelist","release":1,"id":"urn:x","part":0}') },
    ]);
    await writer.flush();
    await writer.close();
    backbone.platform = await startPlatform(configuration());
    await backbone.platform.ready;
    const agencies = (await policyOf('policy.common')).flatMap((entry) => (entry.kind === 'agency' ? [entry.code] : []));
    expect(agencies.sort()).toEqual(['G01', 'G12', 'G12.34']);
    const mended = await policyOf('policy.common');
    for (const release of [1, 2]) expect(readRelease(mended, release).kind).toBe('whole');
    expect(mended.filter((entry) => entry.kind === 'codelist' && 'release' in entry)).toEqual([]);
    expect((await call('POST', '/v1/apply', { files: documents })).body.message).toBe('nothing changed');
  });

  it('gives a sign of life, again and again, which is nobody’s change', async () => {
    const lastSign = async (): Promise<number> =>
      (await everythingOf('policy.common')).flatMap((entry) => (entry.kind === 'heartbeat' ? [entry.atMs] : []))[0] ?? 0;
    await backbone.platform.close();
    backbone.platform = await startPlatform(configuration({ heartbeatSeconds: 1 }));
    await backbone.platform.ready;
    const first = await lastSign();
    expect(first).toBeGreaterThan(Date.now() - 60_000);
    await eventually(async () => expect(await lastSign()).toBeGreaterThan(first + 1_500));
    expect((await call('POST', '/v1/apply', { files: documents })).body).toMatchObject({ published: { published: [] } });
  }, 60_000);

  it('puts right with its next sign of life what somebody else changed: a release that is not whole, an entry that is not the platform’s', async () => {
    // Outside of the platform's own name, so that it is fenced by nobody.
    const writer = await openLogWriter({
      connection: backbone.superUser,
      transactionalId: 'test.mischief',
      partitions: [{ topic: 'policy.common', partition: 0 }],
    });
    const record = (key: string, value: Buffer | null) => ({
      ...{ topic: 'policy.common', partition: 0, headers: [], timestampMs: Date.now() },
      key: Buffer.from(key),
      value,
    });
    const whole = await policyOf('policy.common');
    const [part] = whole.filter(({ kind }) => kind === 'definitions').map(policyKey);
    if (part === undefined) throw new Error('there are no definitions');
    await writer.write([
      record(part, null),
      record('agency/G66', Buffer.from(`{"kind":"agency","code":"G66","name":${JSON.stringify({ vi: 'a', en: 'a' })}}`)),
    ]);
    await writer.flush();
    await writer.close();
    const sorted = (entries: readonly { kind: string }[]) => entries.map((entry) => JSON.stringify(entry)).toSorted();
    await eventually(async () => expect(sorted(await policyOf('policy.common'))).toEqual(sorted(whole)));
    expect((await call('POST', '/v1/apply', { files: documents })).body).toMatchObject({ published: { published: [] } });
  }, 60_000);

  it('leaves the policy to the platform that came later', async () => {
    // Its first sign of life makes it take the name.
    const second = await startPlatform(configuration());
    await second.ready;
    const agency = (code: string) => ({ files: [{ path: 'a.yaml', text: `agency: {code: ${code}, name: ${title}}\n` }] });
    const first = backbone.platform;
    backbone.platform = second;
    expect((await call('POST', '/v1/apply', agency('G77'))).body).toMatchObject({ pending: null });
    backbone.platform = first;
    expect((await call('POST', '/v1/apply', agency('G78'))).body).toMatchObject({
      created: ['agency/G78'],
      pending: expect.stringContaining('another platform'),
    });
    expect(await call('GET', '/health/ready')).toMatchObject({ status: 503, body: { fenced: true } });
    await first.close();
    backbone.platform = second;
    // It was stored all the same, and whoever publishes next publishes it.
    expect((await call('POST', '/v1/apply', agency('G78'))).body).toMatchObject({ message: 'nothing changed', pending: null });
    const agencies = (await policyOf('policy.common')).flatMap((entry) => (entry.kind === 'agency' ? [entry.code] : []));
    expect(agencies).toEqual(expect.arrayContaining(['G77', 'G78']));
  });

  it('is open on a loopback address only, and then knows everybody as the administrator', async () => {
    expect(platformConfiguration.safeParse({ ...configuration(), open: true, host: '0.0.0.0' }).success).toBe(false);
    const open = await startPlatform(configuration({ open: true }));
    try {
      await open.ready;
      expect((await fetch(`${open.url}/v1/audit`)).status).toBe(200);
    } finally {
      await open.close();
    }
  });
});
