import { upgradeVerdict, type UpgradeEvidence } from './upgrade-verdict.js';

const stopped = { atMs: 0, endLsn: '0/1A00', writes: [{ table: 'a.t', writes: '7' }] };
const content = { table: 'a.t', rows: '3', digest: '99' };
const sound: UpgradeEvidence = {
  confirmedLsn: '0/1A00',
  writesNow: stopped.writes,
  old: [content],
  restored: [content],
  tables: ['a.t'],
};

describe('the verdict on an upgrade', () => {
  it('is that there is no gap where all of it is published, still, and equal', () => {
    expect(upgradeVerdict(stopped, sound)).toEqual({ kind: 'no gap', endLsn: '0/1A00', confirmedLsn: '0/1A00' });
    expect(upgradeVerdict(stopped, { ...sound, confirmedLsn: '1/0' })).toMatchObject({ kind: 'no gap' });
  });

  it.each<[string, Partial<UpgradeEvidence>, RegExp]>([
    ['was written to', { writesNow: [{ table: 'a.t', writes: '8' }] }, /written to after 0\/1A00: a\.t/],
    ['is not drained', { confirmedLsn: '0/19FF' }, /confirmed 0\/19FF/],
    ['has no slot', { confirmedLsn: null }, /confirmed nothing/],
    ['lacks a table', { restored: [null] }, /a\.t is not on the new server/],
    ['lacks a row', { restored: [{ ...content, rows: '2' }] }, /3 rows on the old server and 2/],
    ['differs in a row', { restored: [{ ...content, digest: '98' }] }, /rows of a\.t differ/],
  ])('names what is not so where a server %s', (_, more, reason) => {
    expect(upgradeVerdict(stopped, { ...sound, ...more })).toEqual({
      kind: 'gap',
      reasons: [expect.stringMatching(reason)],
      accepted: null,
    });
  });
});
