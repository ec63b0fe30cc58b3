import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runLife } from '@truc/demo';
import {
  checkoutRoot,
  freePorts,
  reconcile,
  removeBackbone,
  startBackbone,
  untilDrained,
  type Backbone,
  type BackboneApp,
  type BackboneProcess,
} from '@truc/local-stack';
import { eventually, uniqueTestName } from '@truc/testing';

/** What may be started twice. */
const doubled = ['agent-g01', 'agent-g12', 'distributor', 'general-database'] as const;
type Doubled = (typeof doubled)[number];
type Flow = { readonly kind: string; readonly reason?: string };

interface Health {
  readonly role?: string;
  readonly roles?: Readonly<Record<string, string>>;
  readonly seats?: Readonly<Record<string, Readonly<Record<string, Flow>>>>;
  readonly flows?: Readonly<Record<string, Flow>>;
}

async function healthOf(port: number): Promise<Health> {
  const response = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(5_000) });
  expect(response.status).toBe(200);
  return (await response.json()) as Health;
}

const rolesOf = ({ role, roles = {} }: Health): string[] => [...new Set(role === undefined ? Object.values(roles) : [role])];
const flowsOf = ({ flows = {}, seats = {} }: Health): [string, Flow][] => [
  ...Object.entries(flows),
  ...Object.values(seats).flatMap((states) => Object.entries(states)),
];

/** Producer id and epoch of every batch of a partition's segments as they lie on the broker's disk, in order; control batches too. */
function writersOf(directory: string): { readonly producerId: bigint; readonly epoch: number }[] {
  const segments = readdirSync(directory).filter((name) => name.endsWith('.log'));
  return segments.toSorted().flatMap((name) => {
    const bytes = readFileSync(join(directory, name));
    const found: { producerId: bigint; epoch: number }[] = [];
    for (let at = 0; at + 61 <= bytes.length && bytes.readInt32BE(at + 8) > 0; at += 12 + bytes.readInt32BE(at + 8)) {
      found.push({ producerId: bytes.readBigInt64BE(at + 43), epoch: bytes.readInt16BE(at + 51) });
    }
    return found;
  });
}

describe('every process that may run once only, started twice', () => {
  const directory = join(checkoutRoot, '.truc', 'test', `take-over-${uniqueTestName()}`);
  const seconds = new Map<Doubled, { readonly process: BackboneProcess; readonly port: number }>();
  let backbone: Backbone;
  let signal: AbortSignal;
  let life: { end(): Promise<void> };

  const portOf = (app: Doubled): number => backbone.ports[app];
  const secondOf = (app: Doubled) => seconds.get(app)!;

  function live(): { end(): Promise<void> } {
    const stop = new AbortController();
    const living = runLife(
      backbone.world,
      { populationUrl: backbone.databases.population },
      { signal: stop.signal, eventsPerSecond: 40, seed: 3 },
    );
    living.catch(() => {});
    return { end: async () => (stop.abort(), void (await living)) };
  }

  /** Everything has arrived, and is the same everywhere. */
  async function isWhole(): Promise<void> {
    const policy = await backbone.policy();
    await untilDrained({
      policy,
      kafka: { ...backbone.kafka, brokers: [...backbone.kafka.brokers] },
      serverUrl: backbone.databases.population,
      generalDatabaseUrl: backbone.databases.generalDatabase,
      targets: { social_insurance: backbone.databases.socialInsurance },
      signal,
    });
    const { verdict } = await reconcile({
      policy,
      sources: { population: backbone.databases.population, administrative: backbone.databases.administrative },
      generalDatabaseUrl: backbone.databases.generalDatabase,
      targets: { social_insurance: backbone.databases.socialInsurance },
      viewSecret: readFileSync(join(directory, 'secrets', 'view-secret'), 'utf8').trim(),
    });
    expect(verdict).toBe('equal');
  }

  /** In every partition that one process at a time writes, nothing of a former owner lies behind something of its successor. */
  async function isWrittenInTurn(): Promise<number> {
    const policy = await backbone.policy();
    const topics = policy.flatMap((entry) => (entry.kind === 'dataset' || entry.kind === 'view' ? [entry] : []));
    let owners = 0;
    for (const { topic, partitions } of topics) {
      for (let partition = 0; partition < partitions; partition += 1) {
        const writers = writersOf(join(directory, 'kafka', 'data', `${topic}-${partition}`));
        const turns = writers.filter(({ producerId, epoch }, index) => {
          const before = writers[index - 1];
          return before === undefined || before.producerId !== producerId || before.epoch !== epoch;
        });
        const distinct = new Set(turns.map(({ producerId, epoch }) => `${producerId}/${epoch}`));
        expect(turns).toHaveLength(distinct.size);
        owners = Math.max(owners, distinct.size);
      }
    }
    return owners;
  }

  async function acts(port: number): Promise<void> {
    const health = await healthOf(port);
    expect(rolesOf(health)).toEqual(['acting']);
    expect(flowsOf(health).map(([name, { kind, reason }]) => [name, kind, reason])).toEqual(
      flowsOf(health).map(([name]) => [name, 'running', undefined]),
    );
  }

  async function standsBy(port: number): Promise<void> {
    const health = await healthOf(port);
    expect(rolesOf(health)).toEqual(['standby']);
    expect(flowsOf(health).length).toBeGreaterThan(0);
    for (const [, flow] of flowsOf(health)) expect(flow).toMatchObject({ kind: 'waiting', reason: expect.stringMatching(/standing by$/) });
  }

  beforeAll(async () => {
    signal = AbortSignal.timeout(500_000);
    backbone = await startBackbone({ directory, ports: await freePorts(), residents: 600, seed: 5 });
    await isWhole();
    for (const app of doubled) {
      const process = await backbone.startSecond(app as BackboneApp);
      const { port } = JSON.parse(readFileSync(join(directory, 'config', `${app}.second.json`), 'utf8')) as { port: number };
      seconds.set(app, { process, port });
    }
    life = live();
  }, 240_000);

  afterAll(async () => {
    await life?.end().catch(() => {});
    await backbone?.stop();
    if (existsSync(directory)) removeBackbone(directory);
  }, 60_000);

  it('stands by without disturbing the first', async () => {
    const before = await isWrittenInTurn();
    for (const app of doubled) await eventually(() => standsBy(secondOf(app).port));
    expect(flowsOf(await healthOf(secondOf('agent-g01').port))).toEqual([
      [
        'source/population',
        { kind: 'waiting', reason: expect.stringMatching(/^the slot "truc_population" is in use by pid \d+; standing by$/) },
      ],
    ]);
    const until = performance.now() + 20_000;
    while (performance.now() < until) {
      for (const app of doubled) {
        await acts(portOf(app));
        await standsBy(secondOf(app).port);
      }
      await sleep(500);
    }
    expect(await isWrittenInTurn()).toBe(before);
  }, 120_000);

  it('takes over from one that was killed, and the killed one stands by when it is back', async () => {
    await Promise.all(doubled.map((app) => backbone.process(app).kill()));
    for (const app of doubled) await eventually(() => acts(secondOf(app).port));
    for (const app of doubled) await backbone.process(app).start();
    for (const app of doubled) await eventually(() => standsBy(portOf(app)));
    for (const app of doubled) await acts(secondOf(app).port);
  }, 120_000);

  it('takes over from one that was stopped, which stands by when it goes on, and has written nothing more', async () => {
    for (const app of doubled) secondOf(app).process.pause();
    for (const app of doubled) await eventually(() => acts(portOf(app)), { timeoutMs: 60_000 });
    await sleep(3_000);
    for (const app of doubled) secondOf(app).process.resume();
    for (const app of doubled) await eventually(() => standsBy(secondOf(app).port));
    for (const app of doubled) await acts(portOf(app));
    await sleep(3_000);
    for (const app of doubled) await acts(portOf(app));
    await life.end();
    await isWhole();
    expect(await isWrittenInTurn()).toBeGreaterThan(2);
  }, 240_000);
});
