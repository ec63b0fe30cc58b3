import type { RecordedEvent } from './event-history.js';
import { LostRange } from './lost-range.js';

/** Operation n was begun at 10n and told at 10n + 5. */
const spanOf = (opId: number) => ({ firstOp: opId, endOp: opId + 1, startedAtMs: opId * 10, toldAtMs: opId * 10 + 5 });
const gap: RecordedEvent = { atMs: 30, kind: 'gap', agency: 'G01', source: 'population', name: 'CAPTURE_SLOT_MISSING', message: '' };
const before: RecordedEvent = { atMs: 25, kind: 'captured-before', beforeMs: 20 };
const again: RecordedEvent = { atMs: 60, kind: 'captured-again' };

describe('what a gap may have swallowed', () => {
  const held = (events: readonly RecordedEvent[]) => [1, 2, 5, 6, 7].filter((opId) => LostRange.of({ spanOf, events })?.mayHold(opId));

  it('is what was committed after the last captured moment and begun before the next', () => {
    expect(held([before, gap, again])).toEqual([2, 5, 6]);
  });

  it('goes on to the end where nothing is captured again', () => {
    expect(held([before, gap])).toEqual([2, 5, 6, 7]);
  });

  it('is nothing where nobody knows what was captured before, or no gap was named, or nothing was committed', () => {
    expect(held([gap, again])).toEqual([]);
    expect(LostRange.of({ spanOf, events: [before, again] })).toBeNull();
    expect(LostRange.of({ spanOf: () => null, events: [before, gap, again] })?.mayHold(5)).toBe(false);
  });
});
