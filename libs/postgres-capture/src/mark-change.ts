import type { MarkChange } from '@truc/pipeline';

/**
 * What a table's mark says of its partitions, and what became of it between two looks.
 *
 * Published by its root, a partitioned table tells of rows alone: partitions that are dropped, detached or emptied take their rows along without a word, and one that is attached brings rows that nobody
 * streamed. So the mark of a partitioned table ends in its partitions, each by its id, by its file where that has another number, and `!` where it may have had rows before it was attached.
 */

/** Between what is published and its partitions. */
export const PARTS = ' parts ';
/** Between a table's mark and that of its parents. */
export const PARENTS = ' of ';

/**
 * Between two looks. With partitions that were not there, and all of whose rows the stream has, a table has `grown`; where one is gone, was emptied, or came with rows, its rows have `moved`. All
 * partitions emptied is one of these: the truncate of their root, which the stream tells, looks like one of each of them, of which it tells nothing.
 */
export function markChange(known: string, now: string): MarkChange {
  if (known === now) return 'same';
  const [was, is] = [known.split(PARENTS), now.split(PARENTS)];
  if (was.length !== is.length) return 'other';
  const changes = was.map((one, at) => changeOf(one, is[at] ?? ''));
  return worst.find((change) => changes.includes(change)) ?? 'same';
}

const worst: readonly MarkChange[] = ['other', 'moved', 'grown'];

interface Partition {
  readonly file: string;
  readonly wasFilled: boolean;
}

function changeOf(known: string, now: string): MarkChange {
  const [was, is] = [parsed(known), parsed(now)];
  if (was.published !== is.published) return 'other';
  // Of before, when partitions were not noted.
  if (was.partitions === null || is.partitions === null) return was.partitions === is.partitions ? 'same' : 'grown';
  const { partitions } = is;
  // Gone, or with another file.
  if ([...was.partitions].some(([id, { file }]) => partitions.get(id)?.file !== file)) return 'moved';
  const added = [...partitions].filter(([id]) => was.partitions?.has(id) === false);
  if (added.some(([, { wasFilled }]) => wasFilled)) return 'moved';
  return added.length > 0 ? 'grown' : 'same';
}

function parsed(mark: string): { readonly published: string; readonly partitions: ReadonlyMap<string, Partition> | null } {
  const at = mark.indexOf(PARTS);
  if (at < 0) return { published: mark, partitions: null };
  const entries = mark.slice(at + PARTS.length).split(',');
  const partitions = entries.flatMap((entry): [string, Partition][] => {
    const [, id, file, filled] = /^([0-9]+)(?::([0-9]+))?(!?)$/.exec(entry) ?? [];
    return id === undefined ? [] : [[id, { file: file ?? id, wasFilled: filled === '!' }]];
  });
  return { published: mark.slice(0, at), partitions: new Map(partitions) };
}
