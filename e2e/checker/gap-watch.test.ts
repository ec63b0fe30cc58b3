import type { AgentAnswer, PlatformClient } from '@truc/local-stack';
import type { HistoryEvent } from './event-history.js';
import { GapWatch } from './gap-watch.js';

describe('gaps that are looked for', () => {
  const told: HistoryEvent[] = [];
  const history = { add: (event: HistoryEvent) => void told.push(event) };
  const watch = (states: Readonly<Record<string, unknown>>): GapWatch => {
    const command: PlatformClient['command'] = (agency) => {
      const detail = states[agency];
      return detail === undefined ? Promise.reject(new Error('away')) : Promise.resolve({ ok: true, detail } as AgentAnswer);
    };
    return new GapWatch({ command }, history);
  };
  const population = { 'source/population': { kind: 'running' } };
  const administrative = { 'source/administrative': { kind: 'running' } };

  it('are known where every source answers at the end', async () => {
    expect(await watch({ G01: population, G12: administrative }).lookAtAll()).toEqual({ answered: 2, silent: [] });
  });

  it('of a dataset are resolved as the dataset’s own, once what led to them is mended', async () => {
    const done: unknown[] = [];
    const command: PlatformClient['command'] = (agency, name, source, more) => {
      if (name === 'resolve') done.push([agency, source, more?.resolution?.dataset, more?.resolution?.gap]);
      const apart = { 'source/population/population.resident': { kind: 'gap', code: 'CAPTURE_HOLD_EXCEEDED', reason: 'too much' } };
      return Promise.resolve({
        ok: true,
        detail: agency === 'G01' ? { ...population, ...apart } : administrative,
      } as unknown as AgentAnswer);
    };
    const mend = () => Promise.resolve(void done.push('mended'));
    const gaps = new GapWatch({ command }, history, mend);
    await gaps.look();
    expect(done).toEqual(['mended', ['G01', 'population', 'population.resident', 'CAPTURE_HOLD_EXCEEDED']]);
    expect(told).toContainEqual({ kind: 'gap', agency: 'G01', source: 'population', name: 'CAPTURE_HOLD_EXCEEDED', message: 'too much' });
  });

  it('are not known of a source that stays silent, and it is named', async () => {
    expect(await watch({ G12: administrative }).lookAtAll(300)).toEqual({ answered: 1, silent: ['G01/population'] });
    expect(await watch({ G01: {}, G12: administrative }).lookAtAll(0)).toEqual({ answered: 1, silent: ['G01/population'] });
  });
});
