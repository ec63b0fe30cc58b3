import fc from 'fast-check';
import type { ChangeEnvelope } from '@truc/change-event';
import { compileProjection } from './view-projection.js';
import type { ViewPolicy } from './view-policy.js';

const field = (name: string) => ({
  name,
  element: `urn:vn:ddict:element:person.${name}`,
  role: 'source' as const,
  protection: 'none' as const,
  required: true,
});
const view = (names: string[], codeInClear: boolean): ViewPolicy => ({
  kind: 'view',
  id: 'abc',
  topic: 'view.abc',
  dataset: 'population.resident',
  generation: 1,
  datasetTopic: 'data.g01.population.resident.v1',
  partitions: 6,
  scheme: 'personal-id',
  codeField: 'code',
  codeInClear,
  fields: names.map(field),
  valueSchema: '{}',
});
const secret = Buffer.from('root');
const canary = 'CANARY-7f3a';
const event: ChangeEnvelope = {
  before: { code: '1', name: 'A', phone: canary },
  after: { code: '1', name: 'B', phone: canary },
  source: {
    connector: 'postgresql',
    sourceId: canary,
    ts_ms: 5n,
    snapshot: false,
    txId: canary,
    epoch: 1,
    sequence: 9n,
    index: 3n,
    release: 1,
  },
  op: 'u',
  ts_ms: 6n,
  transaction: { id: canary, total_order: 1n, data_collection_order: 1n },
};
const text = (value: unknown) => JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? String(item) : item));

describe('view projection', () => {
  it('lets out the named fields, position and time, and nothing else', () => {
    const projected = compileProjection(view(['code', 'name'], true), secret).value(event);
    expect(text(projected)).toBe(
      text({ before: null, after: { code: '1', name: 'B' }, source: { ts_ms: 5n, epoch: 1, sequence: 9n, index: 3n }, op: 'u', ts_ms: 6n }),
    );
    expect(text(projected)).not.toContain(canary);
  });

  it('lets out of a masked field what its mask leaves, under the key of whose view it is', () => {
    const masked = (mask: string, more: Partial<ViewPolicy> = {}): unknown =>
      compileProjection({ ...view(['code', 'phone'], true), masks: { phone: mask }, maskKey: 'G12', ...more }, secret).value(event).after?.[
        'phone'
      ];
    expect(masked('last-4')).toBe('***7f3a');
    expect(masked('hash')).toMatch(/^[A-Za-z0-9_-]{22}$/);
    // Equal values look equal in all views of one agency, and in nobody else's.
    expect(masked('hash', { id: 'abd' })).toBe(masked('hash'));
    expect(masked('hash', { maskKey: 'G99' })).not.toBe(masked('hash'));
    const absent = { ...event, after: { code: '1' } };
    const { value } = compileProjection({ ...view(['phone'], false), masks: { phone: 'hash' }, maskKey: 'G12' }, secret);
    expect(value(absent).after).toEqual({ phone: null });
    expect(value({ ...event, op: 'd', after: null }).after).toBeNull();
  });

  it('keeps the code in clear only where the contract names it, and hashes the row', () => {
    const key = { scheme: 'personal-id', code: '001099000012', row: '["001099000012","01"]' };
    const clear = compileProjection(view(['code'], true), secret).key(key);
    expect(clear.code).toBe(key.code);
    expect(clear.row).toMatch(/^[A-Za-z0-9_-]{22}$/);
    const hidden = compileProjection(view(['name'], false), secret).key({ ...key, row: '' });
    expect(text(hidden)).not.toContain(key.code);
    expect(hidden.row).not.toBe('');
    expect(compileProjection(view(['code'], true), secret).key({ ...key, row: '' }).row).toBe('');
  });

  it('keeps of several codes those in clear that the contract names', () => {
    const several: ViewPolicy = {
      ...view(['code'], true),
      otherCodes: [
        { scheme: 'enterprise-code', field: 'enterprise', inClear: false },
        { scheme: 'agency-code', field: 'agency', inClear: true },
      ],
    };
    const { key } = compileProjection(several, secret);
    expect(key({ scheme: 'agency-code', code: 'G01', row: '' })).toEqual({ scheme: 'agency-code', code: 'G01', row: '' });
    expect(text(key({ scheme: 'enterprise-code', code: '0100109106', row: '' }))).not.toContain('0100109106');
    expect(text(key({ scheme: 'of-nobody', code: '0100109106', row: '' }))).not.toContain('0100109106');
  });

  it('gives different rows different keys, and other keys under another secret', () => {
    const projection = compileProjection(view(['name'], false), secret);
    const other = compileProjection({ ...view(['name'], false), id: 'abd' }, secret);
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), fc.string(), (codeA, rowA, codeB, rowB) => {
        const a = { scheme: 's', code: codeA, row: rowA };
        const b = { scheme: 's', code: codeB, row: rowB };
        expect(text(projection.key(a)) === text(projection.key(b))).toBe(codeA === codeB && rowA === rowB);
        expect(projection.key(a).row).not.toBe(other.key(a).row);
      }),
    );
  });
});
