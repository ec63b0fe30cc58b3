import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { topicNames } from '@truc/coordination';
import { openLogReader } from '@truc/kafka';
import { agencySlug } from '@truc/kernel';
import { scanToEnd } from '@truc/pipeline';
import { eventually } from '@truc/testing';
import { query, type BackboneScene } from './backbone-scene.js';
import { canary, forbidden } from './canary-resident.js';

/** What a subscriber and a stranger can read. */
export function keepsOutWhoIsNotMeant(scene: BackboneScene): void {
  it('lets nothing through to the subscriber that the contract does not name: values, keys, headers, database', async () => {
    const { topic, partitions } = await scene.view();
    const reader = openLogReader({ connection: scene.superUser() });
    let records = 0;
    let canaries = 0;
    try {
      for (let partition = 0; partition < partitions; partition += 1) {
        for await (const record of scanToEnd(reader, topic, partition, -2n, scene.signal)) {
          records += 1;
          const bytes = Buffer.concat([
            record.key,
            record.value ?? Buffer.alloc(0),
            ...record.headers.flatMap(({ key, value }) => [Buffer.from(key), value]),
          ]);
          if (bytes.includes(canary.code)) canaries += 1;
          for (const secret of forbidden) expect(bytes.includes(secret)).toBe(false);
          expect(bytes.includes('g01.population')).toBe(false);
          // The row key of the source, province and all, is not there either.
          expect(bytes.includes('["0')).toBe(false);
        }
      }
    } finally {
      await reader.close();
    }
    expect(records).toBeGreaterThan(1_000);
    expect(canaries).toBeGreaterThan(0);
    const tables = await query<{ name: string }>(
      scene.backbone.databases.socialInsurance,
      `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND table_type = 'BASE TABLE'`,
    );
    for (const { name } of tables) {
      const [found] = await query<{ n: number }>(
        scene.backbone.databases.socialInsurance,
        `SELECT count(*)::int AS n FROM ${name} AS t WHERE t::text ~ $1`,
        [forbidden.map((text) => text.replaceAll(/[+.]/g, '\\$&')).join('|')],
      );
      expect({ name, found: found?.n }).toEqual({ name, found: 0 });
    }
  }, 60_000);

  it('keeps a subscriber from the dataset itself, and a stranger from everything', async () => {
    const password = readFileSync(
      join(
        scene.directory,
        'secrets',
        readdirSync(join(scene.directory, 'secrets')).find((name) => name.includes('g12-34') && name.includes('kafka')) ?? '',
      ),
      'utf8',
    ).trim();
    const subscriber = openLogReader({
      connection: { ...scene.superUser(), username: `agent.${agencySlug('G12.34')}`, password },
      unreachableMs: 5_000,
    });
    const stranger = openLogReader({ connection: { ...scene.superUser(), password: 'guessed' }, unreachableMs: 5_000 });
    try {
      const { topic, datasetTopic } = await scene.view();
      expect((await subscriber.bounds(topic, 0)).end).toBeGreaterThan(0n);
      await expect(subscriber.bounds(datasetTopic, 0)).rejects.toMatchObject({
        code: expect.stringMatching(/^LOG_(NOT_AUTHORIZED|TOPIC_UNKNOWN)$/) as unknown,
      });
      await expect(subscriber.bounds(topicNames.policy('G01'), 0)).rejects.toMatchObject({
        code: expect.stringMatching(/^LOG_(NOT_AUTHORIZED|TOPIC_UNKNOWN)$/) as unknown,
      });
      await expect(stranger.bounds(topic, 0)).rejects.toMatchObject({ code: 'LOG_AUTHENTICATION_FAILED' });
    } finally {
      await subscriber.close();
      await stranger.close();
    }
    for (const url of [`${scene.backbone.urls.platform}/v1/policy`, `${scene.backbone.urls['schema-registry']}/subjects`]) {
      expect((await fetch(url)).status).toBe(401);
      expect((await fetch(url, { headers: { authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.' } })).status).toBe(401);
    }
  }, 60_000);
}

/** What processes tell of people while they work. */
export function tellsNothingOfPeople(scene: BackboneScene): void {
  it('tells no code and no name in logs, metrics or health', async () => {
    const people = await query<{ code: string; name: string }>(
      scene.backbone.databases.population,
      `SELECT so_dinh_danh AS code, ho_ten AS name FROM dancu.cong_dan WHERE length(ho_ten) > 12`,
    );
    const logs = readdirSync(join(scene.directory, 'logs')).map((file) => readFileSync(join(scene.directory, 'logs', file), 'utf8'));
    const pages = await Promise.all(
      Object.values(scene.backbone.urls).flatMap((url) =>
        ['/metrics', '/health/ready'].map(async (path) => (await fetch(`${url}${path}`)).text()),
      ),
    );
    const told = [...logs, ...pages].join('\n');
    expect(told.length).toBeGreaterThan(1_000);
    expect(people.length).toBeGreaterThan(500);
    const met = people.filter(({ code, name }) => told.includes(code) || told.includes(name));
    expect(met).toEqual([]);
    for (const secret of forbidden) expect(told.includes(secret)).toBe(false);
  }, 60_000);

  it('traces every batch over all of its way, and tells no code and no name in it', async () => {
    const find = (service: string, name: string) =>
      scene.collector.spans().filter((span) => span.service === service && span.name === name);
    /** Whether a span of the one kind is linked to one of the other. */
    const isLinked = (from: [string, string], to: [string, string]): boolean => {
      const ids = new Set(find(...to).map(({ traceId, spanId }) => `${traceId}/${spanId}`));
      return find(...from).some(({ links }) => links.some(({ traceId, spanId }) => ids.has(`${traceId}/${spanId}`)));
    };
    const captured: [string, string] = ['agent-node', 'truc.capture'];
    const projected: [string, string] = ['distributor', 'truc.process'];
    // Spans are sent every few seconds.
    await eventually(() => {
      expect({
        produce: isLinked(['agent-node', 'truc.produce'], captured),
        intoGeneralDatabase: isLinked(['general-database', 'truc.apply'], captured),
        projection: isLinked(projected, captured),
        intoSubscriber: isLinked(['agent-node', 'truc.apply'], projected),
      }).toEqual({ produce: true, intoGeneralDatabase: true, projection: true, intoSubscriber: true });
    });
    const people = await query<{ code: string; name: string }>(
      scene.backbone.databases.population,
      `SELECT so_dinh_danh AS code, ho_ten AS name FROM dancu.cong_dan WHERE length(ho_ten) > 12`,
    );
    expect(people.map(({ code }) => code)).toContain(canary.code);
    const told = scene.collector.text;
    const met = people.filter(({ code, name }) => told.includes(code) || told.includes(name) || told.includes(name.normalize('NFC')));
    expect(met).toEqual([]);
    for (const secret of [...forbidden, canary.code, canary.name]) expect(told.includes(secret)).toBe(false);
  }, 60_000);
}
