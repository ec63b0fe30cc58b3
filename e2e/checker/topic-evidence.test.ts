import { TrucError } from '@truc/kernel';
import type { StoredRecord } from '@truc/pipeline';
import { readable } from './topic-evidence.js';

describe('a record that cannot be decoded', () => {
  const record: StoredRecord = {
    topic: 'data.x',
    partition: 3,
    offset: 17n,
    key: Buffer.from('k'),
    value: Buffer.from('v'),
    headers: [],
    timestampMs: 0,
  };
  const listener = {
    told: [] as string[],
    unreadable(where: string, why: string): void {
      this.told.push(`${where}: ${why}`);
    },
  };

  it('is told of with its place, and the reading goes on', async () => {
    expect(await readable(record, () => Promise.resolve('read'), listener)).toBe('read');
    expect(await readable(record, () => Promise.reject(new Error('truncated')), listener)).toBeNull();
    expect(listener.told).toEqual(['data.x/3 offset 17: truncated']);
  });

  it('is nobody’s fault while the registry is away: the run cannot be judged then', async () => {
    const away = new TrucError('CHECKER_REGISTRY_FAILED', 'away');
    await expect(readable(record, () => Promise.reject(away), listener)).rejects.toBe(away);
  });
});
