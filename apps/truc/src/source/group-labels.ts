import { parseDocument } from 'yaml';
import type { DocumentFile } from '@truc/coordination';

/** What the groups of a dictionary are called in both languages, as its files say: a release does not keep that. */
export function groupLabels(files: readonly DocumentFile[]): ReadonlyMap<string, readonly string[]> {
  const labels = new Map<string, readonly string[]>();
  for (const { path, text } of files) {
    if (!/\.ya?ml$/i.test(path) || !text.startsWith('group:')) continue;
    const document = parseDocument(text);
    if (document.errors.length > 0) continue;
    const [code, vi, en] = [
      ['group', 'code'],
      ['group', 'label', 'vi'],
      ['group', 'label', 'en'],
    ].map((way) => document.getIn(way));
    if (typeof code === 'string')
      labels.set(
        code,
        [vi, en].filter((label) => typeof label === 'string'),
      );
  }
  return labels;
}
