import { isDeepStrictEqual } from 'node:util';
import {
  dictionaryFiles,
  documentOf,
  planApply,
  proposalChanges,
  releaseOfProposal,
  tryRelease,
  type Document,
  type DocumentFile,
  type DocumentKind,
  type Problem,
  type ProposalGround,
  type ReleaseTrial,
  type StoredRelease,
} from '@truc/coordination';
import type { StoredChanges, StoredText } from '@truc/coordination-store';
import { entriesOf, parseContent, type DictionaryContent, type DictionaryEntry, type EntryChange } from '@truc/dictionary';
import type { Language } from '@truc/kernel';

/** A document as it is stored. */
export interface StoredBody {
  readonly kind: string;
  readonly body: object;
}

/** What a proposal meets, as it is stored. */
export interface StoredGround {
  readonly current: StoredText;
  readonly base: StoredText;
  readonly documents: readonly StoredBody[];
  /** The day in Viet Nam. */
  readonly today: string;
}

interface ApplyTask {
  readonly files: readonly DocumentFile[];
  readonly documents: readonly StoredBody[];
  readonly release: StoredText | null;
  /** Open proposals of the same principal. */
  readonly open: readonly StoredChanges[];
  readonly isDictionaryOnly: boolean;
  readonly language: Language;
}

/** What an apply would do. Contents of the dictionary are JSON: nobody on this side of the thread looks into them. */
export interface PlannedApply {
  readonly created: readonly string[];
  readonly changed: readonly string[];
  readonly unchanged: readonly string[];
  readonly save: readonly Document[];
  readonly newRelease: StoredText | null;
  readonly proposed: PlannedProposal | null;
}

export interface PlannedProposal {
  readonly base: number;
  /** Number of the release that it would be. */
  readonly release: number;
  readonly changes: string;
  readonly described: readonly EntryChange[];
  /** The open proposal that says the same. */
  readonly same: number | null;
}

export interface PlannedRelease {
  readonly next: (StoredText & { readonly isNew: boolean }) | null;
  readonly problems: readonly Problem[];
}

interface ProposalTask {
  readonly changes: string;
  readonly ground: StoredGround;
  readonly language: Language;
}

/** All that takes time in proportion to what people wrote, or to the whole dictionary: far more than other requests should wait for. Pure functions of what can be sent to another thread. */
export const planningTasks = {
  apply({
    files,
    documents,
    release,
    open,
    isDictionaryOnly,
    language,
  }: ApplyTask): { readonly plan: PlannedApply } | { readonly problems: readonly Problem[] } | { readonly stray: string } {
    if (isDictionaryOnly) {
      const known = new Set(dictionaryFiles(files));
      const stray = files.find((file) => !known.has(file));
      if (stray !== undefined) return { stray: stray.path };
    }
    const stored = release && storedRelease(release);
    const result = planApply(files, { documents: documents.map(documentOfBody), release: stored }, language);
    if ('problems' in result) return result;
    const { created, changed, unchanged, save, newRelease, proposed } = result.plan;
    return {
      plan: {
        created,
        changed,
        unchanged,
        save,
        newRelease: newRelease && textOf(newRelease.release.number, newRelease.content),
        proposed: proposed && {
          base: proposed.base,
          release: proposed.next.release.number,
          changes: JSON.stringify(proposed.changes),
          described: stored === null ? [] : proposalChanges(stored, proposed.changes),
          same:
            open.find(({ base, changes }) => base === proposed.base && isDeepStrictEqual(contentOf(changes), proposed.changes))?.number ??
            null,
        },
      },
    };
  },

  /** The release that approving a proposal makes now. */
  release({ changes, ground, language }: ProposalTask): PlannedRelease {
    const { next, problems } = releaseOfProposal(contentOf(changes), groundOf(ground), language);
    return { next: next && { ...textOf(next.release.number, next.content), isNew: next.isNew }, problems };
  },

  trial({ changes, ground, language }: ProposalTask): ReleaseTrial {
    return tryRelease(contentOf(changes), groundOf(ground), language);
  },

  /** What a proposal changes. */
  changes({ base, changes }: { readonly base: StoredText; readonly changes: string }): {
    readonly changes: readonly EntryChange[];
    readonly content: string;
  } {
    const content = contentOf(changes);
    return { changes: proposalChanges(storedRelease(base), content), content: JSON.stringify(content) };
  },

  /** A release's content with what fields that were not known yet have by default. */
  content({ content }: StoredText): string {
    return JSON.stringify(contentOf(content));
  },

  entry({ release: { content }, id }: { readonly release: StoredText; readonly id: string }): DictionaryEntry | null {
    return entriesOf(contentOf(content)).find((one) => one.id === id) ?? null;
  },
} as const;

export type PlanningTask = keyof typeof planningTasks;
export type PlanningInput<T extends PlanningTask> = Parameters<(typeof planningTasks)[T]>[0];
export type PlanningOutput<T extends PlanningTask> = ReturnType<(typeof planningTasks)[T]>;

function contentOf(json: string): DictionaryContent {
  return parseContent(JSON.parse(json));
}

function storedRelease({ number, content }: StoredText): StoredRelease {
  return { number, content: contentOf(content) };
}

function textOf(number: number, content: DictionaryContent): StoredText {
  return { number, content: JSON.stringify(content) };
}

function documentOfBody({ kind, body }: StoredBody): Document {
  return documentOf(kind as DocumentKind, body);
}

function groundOf({ current, base, documents, today }: StoredGround): ProposalGround {
  return { current: storedRelease(current), base: storedRelease(base), documents: documents.map(documentOfBody), today };
}
