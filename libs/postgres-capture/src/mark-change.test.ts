import type { MarkChange } from '@truc/pipeline';
import { markChange } from './mark-change.js';

describe('the mark of a table', () => {
  it.each<[string, string, string, MarkChange]>([
    ['that is what it was', '1/2/3', '1/2/3', 'same'],
    ['of a table that was put back', '1/2/3', '1/2/4', 'other'],
    ['whose partitions were not noted before', '1', '1 parts 7,8', 'grown'],
    ['whose partitions nobody notes any more', '1 parts 7,8', '1', 'grown'],
    ['with one partition more', '1 parts 7', '1 parts 7,8', 'grown'],
    ['with the first of its partitions', '1 parts ', '1 parts 7', 'grown'],
    ['with one that had rows before it was attached', '1 parts 7', '1 parts 7,8!', 'moved'],
    ['with one that had rows before, which is known', '1 parts 7,8!', '1 parts 7,8!,9', 'grown'],
    ['with one that was attached empty and has rows by now', '1 parts 7,8', '1 parts 7,8!', 'same'],
    ['with one partition less', '1 parts 7,8', '1 parts 7', 'moved'],
    ['with another partition in the place of one', '1 parts 7,8', '1 parts 7,9', 'moved'],
    ['with one partition that was emptied', '1 parts 7,8', '1 parts 7,8:9', 'moved'],
    ['whose only partition was emptied', '1 parts 7', '1 parts 7:9', 'moved'],
    ['whose partitions were all emptied, by their root or one by one', '1 parts 7,8', '1 parts 7:9,8:10', 'moved'],
    ['whose parents lost a partition', '1 of 2 parts 7,8', '1 of 2 parts 7', 'moved'],
    ['whose parents got one', '1 of 2 parts 7', '1 of 2 parts 7,8', 'grown'],
    ['that was put back, with one partition less', '1 parts 7,8', '2 parts 7', 'other'],
    ['that lost a partition, with parents that were put back', '1 parts 7,8 of 2', '1 parts 7 of 3', 'other'],
    ['that has parents now', '1', '1 of 2', 'other'],
  ])('%s', (_, known, now, change) => {
    expect(markChange(known, now)).toBe(change);
  });
});
