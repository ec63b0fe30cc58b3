import { policyKey, type PolicyEntry } from '@truc/coordination';
import type { StoredRecord } from '@truc/pipeline';
import { PolicyFold } from './policy-fold.js';

const agency: PolicyEntry = { kind: 'agency', code: 'G01', name: { vi: 'x', en: 'x' } };
const sign = (atMs: number): PolicyEntry => ({ kind: 'heartbeat', atMs });
const record = (entry: PolicyEntry, offset: bigint): StoredRecord => ({
  topic: 'policy.common',
  partition: 0,
  offset,
  key: Buffer.from(policyKey(entry)),
  value: Buffer.from(JSON.stringify(entry)),
  headers: [],
  timestampMs: 0,
});

describe('the fold of policy', () => {
  it('keeps the last sign of life, which is nobody’s change', () => {
    const fold = new PolicyFold();
    expect(fold.fold([record(agency, 0n), record(sign(1), 1n)])).toMatchObject({ changed: [agency], removed: [], problems: [] });
    expect(fold.fold([record(sign(2), 2n)])).toEqual({ changed: [], removed: [], problems: [] });
    expect(fold.entries('heartbeat')).toEqual([sign(2)]);
  });
});
