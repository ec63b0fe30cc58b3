/** The invariants by their numbers, in the order of reports. What each one says is in `invariantSentences`. */
export const invariantNames = ['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7', 'I8', 'I9'] as const;
export type InvariantName = (typeof invariantNames)[number];

export const invariantSentences: Readonly<Record<InvariantName, string>> = {
  I1: 'nothing committed is lost: every operation reaches its topics',
  I2: 'nothing uncommitted is ever seen',
  I3: 'per-row order in topics is source commit order, and at rest the last record of every key has its highest position',
  I4: 'no row in a target ever goes back to an older position',
  I5: 'at rest, source and general database, and policy of the source and subscriber, are equal by hash; forbidden values are nowhere',
  I6: 'replaying any part of any topic changes nothing in a target',
  I7: 'every delivery has a valid receipt, and one changed byte is found',
  I8: 'lag is 0 within 60 s of the last fault',
  I9: 'what cannot be recovered becomes an explicit, named gap',
};
