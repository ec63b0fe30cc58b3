import { CommitmentJudge } from './commitment.js';
import { CompletenessJudge } from './completeness.js';
import { EqualityJudge } from './equality.js';
import { deleted, history, judged, op, tombstone, upsert } from './hand-made.js';
import { OrderJudge } from './order.js';
import { endOf } from '../position.js';

const messages = (judge: { finding(): { violations: readonly { message: string }[] } }) =>
  judge.finding().violations.map(({ message }) => message);

describe('I1, nothing is lost', () => {
  const everything = { mayHold: () => true };
  const found = (lost: { mayHold(opId: number): boolean } | null, ...row: ReturnType<typeof judged>) => {
    const judge = new CompletenessJudge(lost);
    judge.add(...row, row[0].events.at(-1)?.kind !== 'upsert');
    return messages(judge);
  };

  it('holds where every operation has its event', () => {
    expect(found(null, ...judged([op(1, 'c'), op(2), op(3, 'd')], [upsert(1), upsert(2), deleted(3), tombstone(3)]))).toEqual([]);
  });

  it.each([
    ['an insert', [op(1, 'c'), op(2)], [upsert(2)], 'operation 1 on row'],
    ['the last update', [op(1, 'c'), op(2)], [upsert(1)], 'operation 2 on row'],
    ['an update in the middle', [op(1, 'c'), op(2), op(3)], [upsert(1), upsert(3)], 'operation 2 on row'],
    ['a delete', [op(1, 'c'), op(2, 'd')], [upsert(1)], 'operation 2 on row'],
    ['a truncate', [op(1, 'c'), op(2, 's')], [upsert(1)], 'operation 2 on row'],
    ['a delete between two inserts', [op(1, 'c'), op(2, 'd'), op(3, 'c')], [upsert(1), upsert(3)], 'operation 2 on row'],
    ['what came only below a newer position', [op(1, 'c'), op(2)], [upsert(2, 9), upsert(1, 5)], 'operation 1 on row'],
  ])('is violated by the loss of %s', (_, ops, events, message) => {
    expect(found(null, ...judged(ops, events))).toEqual([expect.stringContaining(message)]);
  });

  it('is violated by a delete without its tombstone', () => {
    expect(found(null, ...judged([op(1, 'c'), op(2, 'd')], [upsert(1), deleted(2)]))).toEqual([expect.stringContaining('no tombstone')]);
    expect(found(null, ...judged([op(1, 'c'), op(2, 'd')], [upsert(1), deleted(2), tombstone(1)]))).toEqual([
      expect.stringContaining('no tombstone'),
    ]);
  });

  it('lets a named gap cover what a newer operation on the row answers for, and not the newest', () => {
    expect(found(everything, ...judged([op(1, 'c'), op(2), op(3)], [upsert(1), upsert(3)]))).toEqual([]);
    expect(found(everything, ...judged([op(1, 'c'), op(2), op(3)], [upsert(1), upsert(2)]))).toHaveLength(1);
  });

  it('lets a named gap cover nothing that was captured before it', () => {
    const lost = { mayHold: (opId: number) => opId > 2 };
    expect(found(lost, ...judged([op(1, 'c'), op(2), op(3), op(4)], [upsert(1), upsert(2), upsert(4)]))).toEqual([]);
    expect(found(lost, ...judged([op(1, 'c'), op(2), op(3), op(4)], [upsert(1), upsert(3), upsert(4)]))).toEqual([
      expect.stringContaining('operation 2 on row'),
    ]);
  });

  it('lets a delete behind a named gap go untold where the gap swallowed all of the row', () => {
    const lost = { mayHold: (opId: number) => opId === 2 };
    expect(found(lost, ...judged([op(1, 'q'), op(2), op(3, 'd')], []))).toEqual([]);
    expect(found(lost, ...judged([op(1, 'c'), op(2), op(3), op(4, 'd')], [upsert(1), upsert(3)]))).toHaveLength(1);
    expect(found(lost, ...judged([op(1, 'q'), op(2), op(3, 'd'), op(4, 'c')], [upsert(4)]))).toEqual([]);
    expect(found(lost, ...judged([op(1, 'c'), op(2), op(3, 'd')], [upsert(1)]))).toHaveLength(1);
  });

  it('lets a named gap cover a row that came and went, and no delete of a row that the log still holds', () => {
    expect(found(everything, ...judged([op(1, 'c'), op(2, 'd')], []))).toEqual([]);
    expect(found(everything, ...judged([op(1, 'c'), op(2, 'd')], [upsert(1)]))).toHaveLength(1);
  });

  it('asks for nothing where a row had to be refused or was never published', () => {
    expect(found(null, ...judged([op(1, 'q'), op(2, 'n'), op(3, 'c')], [upsert(3)]))).toEqual([]);
  });
});

describe('I2, nothing uncommitted is seen', () => {
  const judge = () => new CommitmentJudge((opId) => opId < 10, 3, endOf(1));

  it('holds for tokens of what was committed', () => {
    const commitment = judge();
    commitment.seen(9, 'topic', 'topic/0 offset 1');
    commitment.add(...judged([op(1, 'c'), op(2, 'd')], [upsert(1), deleted(2), tombstone(2)]), false);
    expect(messages(commitment)).toEqual([]);
    expect(commitment.finding().checked).toBe(3);
  });

  it('is violated by a token of what was taken back', () => {
    const commitment = judge();
    commitment.seen(10, 'topic', 'topic/0 offset 1');
    expect(messages(commitment)).toEqual([expect.stringContaining('never committed')]);
  });

  it('is violated by a delete that nobody made', () => {
    const commitment = judge();
    commitment.add(...judged([op(1, 'c')], [upsert(1), deleted(2), tombstone(2)]), false);
    expect(messages(commitment)).toEqual([expect.stringContaining('nobody made')]);
  });

  it('is violated by a second delete, unless it is a sweep of what is gone', () => {
    const ops = [op(1, 'c'), op(2, 'd')];
    const events = [upsert(1), deleted(2), tombstone(2), deleted(5), tombstone(5)];
    const commitment = judge();
    commitment.add(...judged(ops, events), false);
    expect(messages(commitment)).toEqual([expect.stringContaining('offset 3 tells a delete')]);
    const swept = judge();
    swept.add(...judged(ops, events.with(3, { ...deleted(5), isSweep: true })), false);
    expect(messages(swept)).toEqual([]);
  });

  it('is violated by a tombstone with no delete before it', () => {
    const commitment = judge();
    commitment.add(...judged([op(1, 'c'), op(2)], [upsert(1), upsert(2), tombstone(2)]), false);
    expect(messages(commitment)).toEqual([expect.stringContaining('tombstone of row')]);
  });

  const inEpoch2 = (...events: readonly ReturnType<typeof deleted>[]) =>
    events.map((event) => ({ ...event, place: { ...event.place!, epoch: 2 } }));

  it('is violated by the delete of what was never published, but in a later epoch, which cannot know that', () => {
    const ops = [op(1, 'q'), op(2, 'n')];
    const early = judge();
    early.add(...judged(ops, [deleted(2), tombstone(2)]), false);
    expect(messages(early)).toHaveLength(1);
    const later = judge();
    later.add(...judged(ops, inEpoch2(deleted(2), tombstone(2))), false);
    expect(messages(later)).toEqual([]);
    later.add(...judged(ops, inEpoch2(deleted(2), tombstone(2), deleted(3), tombstone(3))), false);
    expect(messages(later)).toHaveLength(1);
  });

  it('is violated by it up to where a dataset was given up, and not behind that', () => {
    const ops = [op(1, 'q'), op(2, 'n')];
    const at = deleted(2).place!.sequence;
    for (const [givenUpAt, violations] of [
      [at, 1],
      [at - 1n, 0],
    ] as const) {
      const commitment = new CommitmentJudge(() => true, 0, endOf(1, givenUpAt));
      commitment.add(...judged(ops, [deleted(2), tombstone(2)]), false);
      expect(messages(commitment)).toHaveLength(violations);
    }
  });

  it('lets a sweep of a later epoch delete what a restore took back, and nothing else', () => {
    const sweep = inEpoch2({ ...deleted(2), isSweep: true }, tombstone(2));
    const restored = judge();
    restored.add(...judged([op(1, 'c')], [upsert(1), ...sweep]), true);
    expect(messages(restored)).toEqual([]);
    restored.add(...judged([op(1, 'c')], [upsert(1), ...inEpoch2(deleted(2), tombstone(2))]), true);
    restored.add(...judged([op(1, 'c')], [upsert(1), ...sweep]), false);
    expect(messages(restored)).toHaveLength(2);
  });

  it('was not evaluated where nothing was taken back', () => {
    expect(new CommitmentJudge(() => true, 0, endOf(1)).finding().checked).toBe(0);
  });
});

describe('I3, order', () => {
  const found = (...[made, alignment]: ReturnType<typeof judged>) => {
    const judge = new OrderJudge();
    judge.add(made, alignment);
    return messages(judge);
  };

  it('holds for re-sends that end at the highest position, and for rows read again by a snapshot', () => {
    const ops = [op(1, 'c'), op(2), op(3)];
    expect(found(...judged(ops, [upsert(1), upsert(2), upsert(1), upsert(2), upsert(3)]))).toEqual([]);
    expect(found(...judged(ops, [upsert(1), upsert(2), upsert(3), upsert(3, 20)]))).toEqual([]);
    expect(found(...judged([op(1, 'c'), op(2, 'd')], [upsert(1), deleted(2), tombstone(2), deleted(2), tombstone(2)]))).toEqual([]);
  });

  it('is violated by an older operation at a higher position', () => {
    expect(found(...judged([op(1, 'c'), op(2), op(3)], [upsert(1), upsert(3, 5), upsert(2, 6)]))).toEqual([
      expect.stringContaining('behind a newer operation'),
    ]);
    expect(found(...judged([op(1, 'c'), op(2), op(3)], [upsert(1), upsert(2), upsert(3), upsert(2, 9)]))).toEqual([
      expect.stringContaining('behind a newer operation'),
    ]);
  });

  it('is violated by a refused version that a snapshot tells behind a newer one', () => {
    const ops = [op(1, 'c'), { ...op(2, 'q'), rowHash: 'row-2' }, op(3), op(4)];
    expect(found(...judged(ops, [upsert(1), upsert(2), upsert(3), upsert(4)]))).toEqual([]);
    expect(found(...judged(ops, [upsert(1), upsert(3), upsert(2, 5), upsert(4, 6)]))).toEqual([
      expect.stringContaining('operation 2 on row'),
    ]);
  });

  it('is violated where the last record is not the highest', () => {
    expect(found(...judged([op(1, 'c'), op(2)], [upsert(1), upsert(2), upsert(1)]))).toEqual([expect.stringContaining('the last record')]);
  });

  it('is violated where a record has no position', () => {
    const made = history([], [{ ...upsert(1), place: null }]);
    const judge = new OrderJudge();
    judge.add(made, null);
    expect(messages(judge)).toEqual([expect.stringContaining('one position')]);
  });
});

describe('I5, equality', () => {
  it('holds where rows are the same, absent ones included', () => {
    const judge = new EqualityJudge();
    judge.compare('the general database', 'k', { hash: 'a', opId: 1 }, 'a');
    judge.searched('topic', 'topic/0 offset 1', []);
    judge.add(...judged([op(1, 'c')], [upsert(1)]));
    expect(messages(judge)).toEqual([]);
  });

  it.each([
    ['missing', 'a', null, 'is missing'],
    ['too much', null, 'a', 'should not be'],
    ['another', 'a', 'b', 'other values'],
  ])('is violated by a row that is %s', (_, expected, there, message) => {
    const judge = new EqualityJudge();
    judge.compare('the general database', 'k', expected === null ? null : { hash: expected, opId: 1 }, there);
    expect(messages(judge)).toEqual([expect.stringContaining(message)]);
  });

  it('is violated by an event with other values, one of a refused version, one under a foreign key, and by a canary', () => {
    const judge = new EqualityJudge();
    judge.add(...judged([op(1, 'c')], [{ ...upsert(1), hash: 'x' }]));
    judge.add(...judged([op(1, 'c'), op(2, 'q')], [upsert(1), upsert(2)]));
    judge.add(...judged([op(1, 'c')], [upsert(1), upsert(7)]));
    judge.searched('topic', 'topic/0 offset 1', ['CANARY']);
    judge.reconciled('source and subscriber', 3, false);
    expect(messages(judge)).toEqual([
      expect.stringContaining('does not hold what operation 1 wrote'),
      expect.stringContaining('had to be refused'),
      expect.stringContaining('does not belong under its key'),
      expect.stringContaining('forbidden value CANARY'),
      expect.stringContaining('differ by hash'),
    ]);
  });

  it('is violated by a record that is sent again with other content, below and above the highest position', () => {
    const judge = new EqualityJudge();
    judge.add(...judged([op(1, 'c'), op(2)], [upsert(1), upsert(2), { ...upsert(2), hash: 'x' }]));
    judge.add(...judged([op(1, 'c'), op(2)], [upsert(1), upsert(2), deleted(2), tombstone(2)]));
    judge.add(...judged([op(1, 'c'), op(2)], [upsert(1), upsert(2), { ...upsert(1), place: upsert(2).place }]));
    judge.add(...judged([op(1, 'c'), op(2)], [upsert(1), { ...upsert(1, 5), hash: 'x' }, upsert(2, 6)]));
    expect(messages(judge)).toEqual([
      expect.stringContaining('offset 2 of data.g01.population.resident.v1 has the position of offset 1'),
      expect.stringContaining('offset 2 of data.g01.population.resident.v1 has the position of offset 1'),
      expect.stringContaining('offset 2 of data.g01.population.resident.v1 has the position of offset 1'),
      expect.stringContaining('does not hold what operation 1 wrote'),
    ]);
  });

  it('compares a view with what the contract lets through', () => {
    const judge = new EqualityJudge();
    const [made, alignment] = judged([op(1, 'c')], [{ ...upsert(1), hash: 'view-1' }]);
    judge.add({ ...made, kind: 'view' }, alignment);
    expect(messages(judge)).toEqual([]);
    judge.add(made, alignment);
    expect(messages(judge)).toHaveLength(1);
  });
});
