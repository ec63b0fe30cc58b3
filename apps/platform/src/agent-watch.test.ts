import type { PolicyEntry } from '@truc/coordination';
import { AgentWatch } from './agent-watch.js';

const source = (agency: string, database: string) => ({ kind: 'source', agency, database }) as PolicyEntry;

describe('the watch over agents', () => {
  let now: number;
  let there: Set<string>;
  let entries: PolicyEntry[];
  const recorded: unknown[] = [];
  const told: string[] = [];
  const tell = (fields: object, message: string) => void told.push(message);
  const watch = () =>
    new AgentWatch(
      () => entries,
      (group) => Promise.resolve(there.has(group)),
      { record: (...measured: unknown[]) => void recorded.push(measured) },
      { warn: tell, info: tell } as never,
      { now: () => now },
    );
  const lease = 'agent.g12-34.source.population.lease';

  beforeEach(() => {
    now = Date.parse('2026-11-01T00:00:00Z');
    there = new Set([lease]);
    entries = [source('G12.34', 'population')];
    recorded.length = 0;
    told.length = 0;
  });

  it('tells of a source that nobody acts for, once a restart would have been over, and when somebody is back', async () => {
    const agents = watch();
    await agents.look();
    expect([agents.incidents, recorded]).toEqual([[], [['truc_agent_present', 1, { agency: 'G12.34', source: 'population' }]]]);
    there.clear();
    await agents.look();
    now += 59_000;
    await agents.look();
    expect([agents.incidents, told]).toEqual([[], []]);
    expect(recorded.at(-1)).toEqual(['truc_agent_present', 0, { agency: 'G12.34', source: 'population' }]);
    now += 1_000;
    await agents.look();
    await agents.look();
    expect(agents.incidents).toMatchObject([
      { code: 'AGENT_GONE', agency: 'G12.34', source: 'population', sinceMs: Date.parse('2026-11-01T00:00:00Z') },
    ]);
    expect(told).toEqual([
      expect.stringMatching(/nobody acts for the source G12\.34\/population since 2026-11-01T00:00:00[\s\S]*slot keeps the log/),
    ]);
    there.add(lease);
    await agents.look();
    expect([agents.incidents, told.length]).toEqual([[], 2]);
  });

  it('looks at the others where one cannot be asked for', async () => {
    entries = [source('G01', 'land'), source('G12.34', 'population')];
    const agents = new AgentWatch(
      () => entries,
      (group) => (group.includes('g01') ? Promise.reject(new Error('its coordinator moves')) : Promise.resolve(false)),
      { record: () => undefined },
      { warn: tell, info: tell } as never,
      { now: () => now },
    );
    await agents.look();
    now += 60_000;
    await agents.look();
    expect(agents.incidents).toMatchObject([{ agency: 'G12.34', source: 'population' }]);
    expect(told.filter((message) => message.includes('not known'))).toHaveLength(2);
  });

  it('forgets a source that nobody wants captured any more, and keeps what it saw while the brokers are away', async () => {
    there.clear();
    const agents = watch();
    await agents.look();
    now += 60_000;
    await agents.look();
    const failing = new AgentWatch(
      () => entries,
      () => Promise.reject(new Error('away')),
      { record: () => undefined },
      { warn: tell, info: tell } as never,
      { now: () => now },
    );
    const stop = new AbortController();
    const running = failing.run(1, stop.signal);
    stop.abort();
    await running;
    expect(failing.incidents).toEqual([]);
    expect(agents.incidents).toHaveLength(1);
    entries = [];
    await agents.look();
    expect(agents.incidents).toEqual([]);
    expect(recorded.at(-1)).toEqual(['truc_agent_present', 1, { agency: 'G12.34', source: 'population' }]);
  });
});
