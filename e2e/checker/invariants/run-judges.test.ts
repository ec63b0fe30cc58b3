import type { RecordedEvent } from '../event-history.js';
import { recordDigest } from '../log-event.js';
import { tamperedDigests, tamperedParts, type TamperedDigests } from '../tampered-digests.js';
import type { Finding } from '../verdict.js';
import { judgeGaps } from './gap-naming.js';
import { MonotonyJudge, type TargetChange } from './monotony.js';
import { digestOfDigests, ReceiptsJudge, type DigestedPartition, type Receipt } from './receipts.js';
import { judgeRecovery } from './recovery.js';
import { judgeReplays } from './replay.js';

const messages = ({ violations }: Finding) => violations.map(({ message }) => message);

describe('I4, no row goes back', () => {
  const change = (key: string, sequence: number): TargetChange => ({
    target: 'the general database',
    table: 'g01.population_resident',
    key,
    place: { epoch: 1, sequence: BigInt(sequence), index: 0 },
    transaction: '7',
  });
  const found = (...changes: readonly TargetChange[]) => {
    const judge = new MonotonyJudge();
    changes.forEach((one) => judge.add(one));
    return judge.finding();
  };

  it('holds where every row goes on, or is written again as it stands', () => {
    expect(messages(found(change('a', 1), change('a', 2), change('a', 2), change('b', 1)))).toEqual([]);
  });

  it('is violated by a lower position, also in a lower epoch', () => {
    expect(messages(found(change('a', 2), change('a', 1)))).toEqual([expect.stringContaining('went back from 1/2/0 to 1/1/0')]);
    expect(messages(found({ ...change('a', 1), place: { epoch: 2, sequence: 1n, index: 0 } }, change('a', 5)))).toHaveLength(1);
  });

  it('is violated by what falls below where it stood before the run, which alone is no evaluation', () => {
    const before = { ...change('a', 5), transaction: null };
    expect(messages(found(before, change('a', 4)))).toEqual([expect.stringContaining('went back')]);
    expect(found(before).checked).toBe(0);
  });

  it('was not evaluated where nothing changed', () => {
    expect(found().checked).toBe(0);
  });
});

describe('I6, a replay changes nothing', () => {
  const replayed = (records: number, after: string): RecordedEvent => ({
    atMs: 1,
    kind: 'replayed',
    target: 'the general database',
    topic: 'data.x',
    records,
    before: 'a',
    after,
  });

  it('holds where both digests are the same', () => {
    expect(judgeReplays([replayed(5, 'a')])).toMatchObject({ checked: 5, violations: [] });
  });

  it('is violated where they are not, and not evaluated where nothing was read again', () => {
    expect(messages(judgeReplays([replayed(5, 'b')]))).toEqual([expect.stringContaining('changed')]);
    expect(judgeReplays([replayed(0, 'a')]).checked).toBe(0);
  });
});

describe('I7, receipts', () => {
  const records = [0n, 1n, 5n].map((offset) => ({
    offset,
    key: Buffer.from(`k${offset}`),
    value: offset === 0n ? null : Buffer.from('v'),
  }));
  const digests = records.map(recordDigest);
  const tamperedBy = (tamper: (record: (typeof records)[number]) => TamperedDigests) =>
    new Map(records.map((record) => [record.offset, tamper(record)] as const));
  const partition = { offsets: records.map(({ offset }) => offset), digests, tampered: tamperedBy(tamperedDigests) };
  const nowMs = 30 * 24 * 60 * 60 * 1_000;
  const receipt = (more: Partial<Receipt> = {}): Receipt => ({
    deliveryId: 'd',
    consumer: 'general-database',
    topic: 't',
    partition: 0,
    firstOffset: 0n,
    lastOffset: 5n,
    recordCount: 3,
    digest: digestOfDigests(digests),
    deliveredAtMs: nowMs,
    ...more,
  });
  const foundIn = (read: DigestedPartition, receipts: readonly Receipt[], areOlderGone = false, end = 6n) => {
    const judge = new ReceiptsJudge(['t'], nowMs);
    judge.add({ consumer: 'general-database', topic: 't', partition: 0, areOlderGone, end }, receipts, read);
    return judge.finding();
  };
  const found = (...receipts: Receipt[]) => foundIn(partition, receipts);

  it('holds where the receipts vouch for every record', () => {
    expect(messages(found(receipt()))).toEqual([]);
    const parts = [
      receipt({ lastOffset: 1n, recordCount: 2, digest: digestOfDigests(digests.slice(0, 2)) }),
      receipt({ firstOffset: 5n, recordCount: 1, digest: digestOfDigests(digests.slice(2)) }),
    ];
    expect(messages(found(...parts))).toEqual([]);
  });

  it('is violated by another digest, another count, and a record without a receipt', () => {
    expect(messages(found(receipt({ digest: 'f'.repeat(64) })))).toEqual([expect.stringContaining('does not vouch')]);
    expect(messages(found(receipt({ recordCount: 4 })))).toEqual([expect.stringContaining('does not vouch')]);
    const first = receipt({ lastOffset: 1n, recordCount: 2, digest: digestOfDigests(digests.slice(0, 2)) });
    expect(messages(found(first))).toEqual([expect.stringContaining('the first at offset 5')]);
    // It came when everything had arrived already.
    expect(messages(foundIn(partition, [first], false, 5n))).toEqual([]);
  });

  it('is violated by no receipt at all, and was not evaluated where there was nothing to deliver', () => {
    expect(messages(found())).toEqual([expect.stringContaining('the first at offset 0')]);
    expect(foundIn({ offsets: [], digests: [], tampered: new Map() }, [])).toMatchObject({ checked: 0, violations: [] });
  });

  it('leaves out what was delivered before receipts that are kept or can be recomputed, and says so', () => {
    const second = receipt({ firstOffset: 1n, recordCount: 2, digest: digestOfDigests(digests.slice(1)) });
    expect(messages(foundIn(partition, [second]))).toEqual([expect.stringContaining('the first at offset 0')]);
    expect(foundIn(partition, [second], true)).toMatchObject({ checked: 1, violations: [] });
    const compacted = receipt({ lastOffset: 0n, recordCount: 7, deliveredAtMs: 0 });
    const finding = foundIn(partition, [compacted, second]);
    expect(finding).toMatchObject({ checked: 1, violations: [] });
    expect(finding.evidence).toContain('1 records were delivered before receipts that can still be recomputed, and were left out');
  });

  it.each(tamperedParts)('is violated by a digest that does not see a changed %s', (part) => {
    const blind = (record: (typeof records)[number]) => ({ ...tamperedDigests(record), [part]: recordDigest(record) });
    expect(messages(foundIn({ ...partition, tampered: tamperedBy(blind) }, [receipt()]))).toEqual([
      expect.stringContaining(`changed byte of a record’s ${part}`),
    ]);
  });

  it('takes a record with a changed byte for another one, also where there is no byte to change', () => {
    for (const record of [...records, { offset: 7n, key: Buffer.alloc(0), value: Buffer.alloc(0) }]) {
      const { offset, key, value } = tamperedDigests(record);
      expect(new Set([recordDigest(record), offset, key, value].map((digest) => digest.toString('hex'))).size).toBe(4);
    }
  });
});

describe('I8, lag is 0 within 60 s of the last fault', () => {
  const fault = { kind: 'kill', target: 'agent-g01', startedAtMs: 1_000, endedAtMs: 2_000 } as const;
  const drained = (atMs: number): RecordedEvent => ({ atMs, kind: 'drained', afterMs: 1 });

  it('holds within that time', () => {
    expect(judgeRecovery([fault], [drained(61_000)], true)).toMatchObject({ checked: 1, violations: [] });
  });

  it('is violated later, never, and by a fault that never ends', () => {
    expect(messages(judgeRecovery([fault], [drained(63_000)], true))).toEqual([expect.stringContaining('61.0 s')]);
    expect(messages(judgeRecovery([fault], [], true))).toEqual([expect.stringContaining('never arrived')]);
    expect(messages(judgeRecovery([{ ...fault, endedAtMs: null }], [drained(3_000)], true))).toEqual([
      expect.stringContaining('never ended'),
    ]);
  });

  it('was not evaluated where so much may not be asked and it took longer, and its time is told; never is too long for all', () => {
    const late = judgeRecovery([fault], [drained(63_000)], false);
    expect(late).toMatchObject({ checked: 0, violations: [], evidence: ['lag was 0 61.0 s after the last fault'] });
    expect(messages(judgeRecovery([fault], [], false))).toEqual([expect.stringContaining('never arrived')]);
  });

  it('was not evaluated without a fault', () => {
    expect(judgeRecovery([], [drained(1)], true).checked).toBe(0);
  });
});

describe('I9, gaps are named', () => {
  const source = { agency: 'G01', source: 'population', name: 'CAPTURE_SLOT_MISSING' };
  const gap: RecordedEvent = { atMs: 1, kind: 'gap', ...source, message: 'the slot is not there' };
  const resolved: RecordedEvent = { atMs: 2, kind: 'gap-resolved', ...source };

  const expected = { agency: 'G01', source: 'population', code: 'CAPTURE_SLOT_MISSING' } as const;

  it('holds with no gap where none is expected, and with a resolved one where one is', () => {
    expect(judgeGaps([], [], 2)).toMatchObject({ checked: 2, violations: [] });
    expect(messages(judgeGaps([gap, resolved], [expected], 2))).toEqual([]);
  });

  it('is violated by a gap too many, a missing one, one that stays, and one that comes back', () => {
    expect(messages(judgeGaps([gap, resolved], [], 2))).toEqual([expect.stringContaining('can be recovered')]);
    expect(messages(judgeGaps([], [expected], 2))).toEqual([expect.stringContaining('no gap was named')]);
    expect(messages(judgeGaps([gap], [expected], 2))).toEqual([expect.stringContaining('was not resolved')]);
    expect(messages(judgeGaps([gap, resolved, gap], [expected], 2))).toEqual([expect.stringContaining('was not resolved')]);
    expect(messages(judgeGaps([gap, resolved, gap, resolved], [expected], 2))).toEqual([expect.stringContaining('named again')]);
  });

  it.each([
    ['by another name', { ...expected, code: 'CAPTURE_SLOT_AHEAD' } as const],
    ['of another source', { ...expected, source: 'administrative' }],
  ])('is violated by a gap %s', (_, other) => {
    expect(messages(judgeGaps([gap, resolved], [other], 2))).toEqual([
      expect.stringContaining('not the one that was made'),
      expect.stringContaining('no gap was named'),
    ]);
  });
});
