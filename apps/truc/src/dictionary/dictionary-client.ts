import type { DocumentFile, Problem, ReleaseTrial } from '@truc/coordination';
import type { DictionaryContent, DictionaryEntry, EntryChange } from '@truc/dictionary';
import type { PlatformClient } from '@truc/local-stack';
import type { Language } from '@truc/kernel';

export interface Refusal {
  readonly problems: readonly Problem[];
}

/** Null where nothing would change. The number is null of a trial. */
export interface ProposeAnswer {
  readonly proposal: { readonly number: number | null; readonly isNew: boolean; readonly changes: readonly EntryChange[] } | null;
}

export interface ProposalLine {
  readonly number: number;
  readonly base: number;
  readonly note: string;
  readonly proposer: string;
  readonly agency: string | null;
  readonly state: 'proposed' | 'approved' | 'rejected' | 'withdrawn';
  readonly release: number | null;
  readonly proposedAt: string;
  readonly endedAt: string | null;
}

export interface Proposal extends ProposalLine {
  readonly changes: readonly EntryChange[];
  readonly content: DictionaryContent;
  readonly events: readonly {
    readonly at: string;
    readonly principal: string;
    readonly agency: string | null;
    readonly event: string;
    readonly comment: string;
  }[];
}

/** Where a release, or an entry's standing in one, came from. */
export interface Origin {
  readonly appliedBy: string;
  readonly appliedAt: string;
  readonly proposal: number | null;
  readonly proposer: string | null;
  readonly note: string | null;
}

export interface EntryView {
  readonly release: number;
  readonly entry: DictionaryEntry;
  readonly history: readonly (Origin & {
    readonly release: number;
    readonly version: string;
    readonly status: string | null;
    readonly steward: string | null;
  })[];
}

export interface NumberedContent {
  readonly number: number;
  readonly content: DictionaryContent;
}

/** The dictionary's part of the platform's API. Methods throw as PlatformClient.call does. */
export class DictionaryClient {
  readonly #platform: PlatformClient;

  constructor(platform: PlatformClient) {
    this.#platform = platform;
  }

  async propose(
    files: readonly DocumentFile[],
    { note, dryRun, language }: { readonly note: string; readonly dryRun: boolean; readonly language: Language },
  ): Promise<ProposeAnswer | Refusal> {
    return (await this.#platform.call('POST', '/v1/dictionary/proposals', { files, note, dryRun }, speaking(language))) as
      ProposeAnswer | Refusal;
  }

  async review(number: number, verdict: 'agreed' | 'objected', comment: string): Promise<void> {
    await this.#platform.call('POST', `/v1/dictionary/proposals/${number}/reviews`, { verdict, comment });
  }

  async approve(number: number, comment: string, language: Language): Promise<{ release: number; pending: string | null } | Refusal> {
    const path = `/v1/dictionary/proposals/${number}/approval`;
    return (await this.#platform.call('POST', path, { comment }, speaking(language))) as
      { release: number; pending: string | null } | Refusal;
  }

  async turnDown(number: number, what: 'rejection' | 'withdrawal', comment: string): Promise<void> {
    await this.#platform.call('POST', `/v1/dictionary/proposals/${number}/${what}`, { comment });
  }

  async proposals(): Promise<readonly ProposalLine[]> {
    return ((await this.#platform.call('GET', '/v1/dictionary/proposals')) as { proposals: ProposalLine[] }).proposals;
  }

  async proposal(number: number): Promise<Proposal> {
    return (await this.#platform.call('GET', `/v1/dictionary/proposals/${number}`)) as Proposal;
  }

  /** What it would be if it were approved now, with what stands in the way; null where it makes no release at all. */
  async releaseOfProposal(
    number: number,
    language: Language,
  ): Promise<{ number: number | null; content: DictionaryContent | null } & Refusal> {
    return (await this.#platform.call('GET', `/v1/dictionary/proposals/${number}/release`, undefined, speaking(language))) as {
      number: number | null;
      content: DictionaryContent | null;
    } & Refusal;
  }

  /** What it would break of what was applied and registered. */
  async trial(number: number, language: Language): Promise<ReleaseTrial & { readonly hidden: number }> {
    const path = `/v1/dictionary/proposals/${number}/trial`;
    return (await this.#platform.call('GET', path, undefined, speaking(language))) as ReleaseTrial & { hidden: number };
  }

  async releases(): Promise<readonly (Origin & { readonly number: number })[]> {
    return ((await this.#platform.call('GET', '/v1/dictionary/releases')) as { releases: (Origin & { number: number })[] }).releases;
  }

  async release(number: number | 'latest'): Promise<NumberedContent> {
    return (await this.#platform.call('GET', `/v1/dictionary/releases/${number}`)) as NumberedContent;
  }

  async entry(id: string): Promise<EntryView> {
    return (await this.#platform.call('GET', `/v1/dictionary/entries/${encodeURIComponent(id)}`)) as EntryView;
  }
}

function speaking(language: Language): Record<string, string> {
  return { 'accept-language': language };
}
