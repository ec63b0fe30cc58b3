import { parseTimelineHistory } from './replication-slot.js';
import { judgeSlot, type SlotFacts } from './slot-verdict.js';

const sound: SlotFacts = {
  slot: 'truc',
  exists: true,
  plugin: 'pgoutput',
  slotDatabase: 'source',
  confirmedFlushLsn: 1000n,
  restartLsn: 900n,
  walStatus: 'reserved',
  invalidationReason: null,
  inRecovery: false,
  active: false,
  database: 'source',
  systemIdentifier: '7',
  timeline: 1,
  timelineSwitches: [],
  currentWalLsn: 5000n,
};
const missing: SlotFacts = { ...sound, exists: false, plugin: null, slotDatabase: null, confirmedFlushLsn: null, walStatus: null };

describe('verdict on a slot', () => {
  it('creates it at the first start, and when a start wrote its intent and got no further', () => {
    expect(judgeSlot(null, missing)).toEqual({ kind: 'create' });
    expect(judgeSlot({ sequence: 0n }, missing)).toEqual({ kind: 'create' });
    expect(judgeSlot({ sequence: 0n }, sound)).toEqual({ kind: 'resume' });
  });

  it('resumes where the slot is confirmed to the byte after the stored sequence, or behind it', () => {
    expect(judgeSlot({ sequence: 999n }, sound)).toEqual({ kind: 'resume' });
    expect(judgeSlot({ sequence: 3000n, systemIdentifier: '7', timeline: 1 }, sound)).toEqual({ kind: 'resume' });
  });

  it('resumes after a failover that kept everything which was published', () => {
    const facts = { ...sound, timeline: 2, timelineSwitches: [{ timeline: 1, switchLsn: 3001n }] };
    expect(judgeSlot({ sequence: 3000n, timeline: 1 }, facts)).toEqual({ kind: 'resume' });
  });

  it.each([
    ['CAPTURE_SLOT_AHEAD', { sequence: 998n }, sound],
    ['CAPTURE_SLOT_MISSING', { sequence: 999n }, missing],
    ['CAPTURE_SLOT_UNKNOWN', null, sound],
    ['CAPTURE_SLOT_LOST', { sequence: 999n }, { ...sound, walStatus: 'lost' }],
    ['CAPTURE_SLOT_LOST', { sequence: 0n }, { ...sound, walStatus: 'lost' }],
    ['CAPTURE_SLOT_MISSING', { sequence: 0n, highestSent: 40n }, missing],
    ['CAPTURE_SLOT_AHEAD', { sequence: 998n, highestSent: 2000n }, sound],
    ['CAPTURE_SOURCE_RESTORED', { sequence: 5000n }, sound],
    ['CAPTURE_SOURCE_RESTORED', { sequence: 6000n }, missing],
    ['CAPTURE_SOURCE_RESTORED', { sequence: 3000n, highestSent: 5000n }, sound],
    ['CAPTURE_SOURCE_RESTORED', { sequence: 0n, highestSent: 5000n }, sound],
    ['CAPTURE_SOURCE_REPLACED', { sequence: 999n, systemIdentifier: '8' }, sound],
    [
      'CAPTURE_TIMELINE_DIVERGED',
      { sequence: 3000n, timeline: 1 },
      { ...sound, timeline: 2, timelineSwitches: [{ timeline: 1, switchLsn: 3000n }] },
    ],
    // Sent and not yet stored, and not in the log of the standby that took over.
    [
      'CAPTURE_TIMELINE_DIVERGED',
      { sequence: 2000n, highestSent: 3000n, timeline: 1 },
      { ...sound, timeline: 2, timelineSwitches: [{ timeline: 1, switchLsn: 2500n }] },
    ],
    // Restored to 2500 and grown past 3000 since.
    [
      'CAPTURE_TIMELINE_DIVERGED',
      { sequence: 3000n, timeline: 1 },
      { ...missing, timeline: 2, timelineSwitches: [{ timeline: 1, switchLsn: 2500n }] },
    ],
    // Restored from a backup of timeline 1 although the state is of timeline 2.
    [
      'CAPTURE_TIMELINE_DIVERGED',
      { sequence: 3000n, timeline: 2 },
      { ...sound, timeline: 3, timelineSwitches: [{ timeline: 1, switchLsn: 4000n }] },
    ],
    ['CAPTURE_TIMELINE_DIVERGED', { sequence: 3000n, timeline: 2 }, sound],
  ] as const)('%s', (code, stored, facts) => {
    expect(judgeSlot(stored, facts)).toEqual({ kind: 'gap', code, sentence: expect.stringMatching(/\S/) });
  });

  it('refuses a slot of somebody else, which no new epoch would mend', () => {
    const refused = { kind: 'refused', code: 'CAPTURE_SLOT_FOREIGN', sentence: expect.stringMatching(/name another slot/) as string };
    expect(judgeSlot({ sequence: 999n }, { ...sound, plugin: 'wal2json' })).toEqual(refused);
    expect(judgeSlot(null, { ...sound, slotDatabase: 'other' })).toEqual(refused);
  });

  it('says nothing of a standby, whose log ends where it has got to and which need not have the slot', () => {
    expect(judgeSlot({ sequence: 6000n, timeline: 9 }, { ...missing, inRecovery: true })).toMatchObject({ kind: 'wait' });
  });

  it('resumes where the slot was made and nothing is stored yet', () => {
    expect(judgeSlot({ sequence: 0n, highestSent: 2000n }, sound)).toEqual({ kind: 'resume' });
  });

  it('reads a timeline history in both forms of its bytes', () => {
    const text = '1\t0/3000158\tno recovery target specified\n2\t0/5000000\tbefore 2000-01-01\n';
    const expected = [
      { timeline: 1, switchLsn: 0x3000158n },
      { timeline: 2, switchLsn: 0x5000000n },
    ];
    expect(parseTimelineHistory(text)).toEqual(expected);
    expect(parseTimelineHistory(`\\x${Buffer.from(text).toString('hex')}`)).toEqual(expected);
  });
});
