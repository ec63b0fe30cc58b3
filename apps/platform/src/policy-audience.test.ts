import type { PolicyEntry } from '@truc/coordination';
import { concernedBy } from './policy-audience.js';

describe('an entry of the policy', () => {
  const contract = (consumer: string, viewId: string) => ({ kind: 'contract', consumer, viewId }) as PolicyEntry;
  const view = { kind: 'view', id: 'a' } as PolicyEntry;

  it('is for every agency whose contract has the view, since they share it', () => {
    const all = [view, contract('G12', 'a'), contract('G13', 'b'), contract('G14', 'a')];
    expect(concernedBy(view, all)).toEqual(['G12', 'G14']);
    expect(concernedBy(view, [view])).toEqual([]);
  });

  it('is for its own agency, or for everybody', () => {
    expect(concernedBy({ kind: 'source', agency: 'G01' } as PolicyEntry, [])).toEqual(['G01']);
    expect(concernedBy(contract('G12', 'a'), [])).toEqual(['G12']);
    expect(concernedBy({ kind: 'heartbeat', atMs: 0 }, [])).toEqual([null]);
  });
});
