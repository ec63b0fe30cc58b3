import { may, type Principal } from '@truc/access';
import type { ReleaseTrial } from '@truc/coordination';
import type { DocumentRow } from '@truc/coordination-store';

/** A trial as one principal may see it. */
export interface VisibleTrial extends ReleaseTrial {
  /** How much concerns documents of others, which are not shown. */
  readonly hidden: number;
}

type StoredName = Pick<DocumentRow, 'kind' | 'name' | 'agency'>;

/** Leaves out what tells of sources and contracts that the caller may not read; how many there are is told. */
export function visibleTrial(
  { release, problems, subjects }: ReleaseTrial,
  documents: readonly StoredName[],
  caller: Principal,
): VisibleTrial {
  const hiddenFiles = hiddenPlaces(documents, caller);
  const visible = problems.filter(({ file }) => !hiddenFiles.has(file));
  const named = subjects.map((subject) => ({
    ...subject,
    contracts: subject.contracts.filter((name) => !hiddenFiles.has(`(applied contract ${name})`)),
  }));
  // What a view shows of a dataset is its contracts' business, and that of whose dataset it is.
  const shown = named.filter(
    ({ contracts, agency }, index) =>
      contracts.length > 0 || subjects[index]?.contracts.length === 0 || may(caller, 'documents.read', { agency }),
  );
  return { release, problems: visible, subjects: shown, hidden: problems.length - visible.length + named.length - shown.length };
}

/** Places of problems in stored documents that are another agency's business. */
function hiddenPlaces(documents: readonly StoredName[], caller: Principal): ReadonlySet<string> {
  const others = documents.filter(
    ({ kind, agency }) => (kind === 'source' || kind === 'contract') && !may(caller, 'documents.read', { agency }),
  );
  return new Set(others.map(({ kind, name }) => `(applied ${kind} ${name})`));
}
