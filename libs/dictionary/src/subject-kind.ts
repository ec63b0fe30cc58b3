/** What a subject is for, by its name. */
export type SubjectKind =
  /** Rows of a dataset: `data.<agency>.<dataset>.v<n>-value`. */
  | { readonly kind: 'data'; readonly agencySlug: string; readonly dataset: string }
  /** Rows of a contract view. */
  | { readonly kind: 'view' }
  /** A topic of the platform itself. */
  | { readonly kind: 'platform' }
  /** Anything else: the dictionary has no say in it. */
  | { readonly kind: 'free' };

const platformTopics = ['quarantine', 'rejected', 'state', 'command', 'reply', 'notice', 'receipts', 'policy'];

/** Reads a subject's name; a registry context in front (`:.name:`) makes no difference. */
export function subjectKind(subject: string): SubjectKind {
  const bare = subject.replace(/^:\.[^:]*:/, '').replace(/-(key|value)$/, '');
  const [first = '', ...rest] = bare.split('.');
  if (first === 'view') return { kind: 'view' };
  if (first === 'data') {
    const [agencySlug = '', ...parts] = rest;
    const dataset = /^v[0-9]+$/.test(parts.at(-1) ?? '') ? parts.slice(0, -1) : parts;
    return { kind: 'data', agencySlug, dataset: dataset.join('.') };
  }
  return { kind: platformTopics.includes(first) ? 'platform' : 'free' };
}
