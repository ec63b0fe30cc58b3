import type { Bilingual } from '@truc/kernel';
import type { CaptureCost, ReadingPlan } from '@truc/source-survey';
import type { MaskedExample } from './masked-examples.js';
import type { UnmatchedCodes } from './own-codes.js';
import type { ShareEstimate } from './share-estimate.js';

/** Last day of the decree's term (Decree 278/2025/ND-CP): databases that exist are brought to the shared dictionary by then. */
export const deadline = '2026-12-31';

/** `held`: it keeps the row back; `marked`: the row passes by its dataset's choice, and is told. */
export type FindingKind = 'held' | 'marked';

export interface AssessedFinding {
  readonly kind: FindingKind;
  readonly rule: string;
  readonly element: string | null;
  readonly field: string;
  /** Null where no column of the table is at fault. */
  readonly column: string | null;
  readonly rows: ShareEstimate;
  readonly reasons: Readonly<Record<string, number>>;
  readonly examples: readonly MaskedExample[];
}

export interface AssessedElement {
  readonly element: string;
  /** As the dictionary calls it. */
  readonly label: Bilingual;
  readonly column: string | null;
  /** Of the rows that were read, those in which the column has a value; null where the value does not come of a column. */
  readonly filled: number | null;
  /** Rows without a finding at this element. */
  readonly conforming: ShareEstimate;
  /** By rule, the rows with a finding. */
  readonly rules: Readonly<Record<string, number>>;
}

/**
 * What is wrong with codes, by what has to be done about it. A row counts once in each.
 * `missing`: there is none; `malformed`: it is no code of its scheme; `unmatched`: no code list, register or parent has it; `duplicate`: rows beyond the first of a code where the dataset allows
 * one.
 */
export const codeFaults = ['missing', 'malformed', 'unmatched', 'duplicate'] as const;
export type CodeFault = (typeof codeFaults)[number];

export interface ProposedStatement {
  readonly kind: string;
  readonly column: string;
  readonly sql: string;
  /** Rows that it touches: all of them where the whole table was read, else of the sample. */
  readonly rows: number;
  /** What a mapping entry would say instead; null where no operation does the same. */
  readonly transform: string | null;
  /** Tables whose foreign keys point to the column: their rows have to be changed with it. */
  readonly referredBy: readonly string[];
}

/**
 * `conforms`: no row was found that would be held back. `nearly`: at most 1 in 100 would. `far`: more. `blocked`: it cannot be captured as it stands. `not-assessed`: its rows could
 * not be read.
 */
export const datasetStates = ['conforms', 'nearly', 'far', 'blocked', 'not-assessed'] as const;
export type DatasetState = (typeof datasetStates)[number];

export interface Obstacle {
  readonly code: string;
  readonly message: string;
}

export interface AssessedDataset {
  readonly dataset: string;
  readonly table: string;
  readonly state: DatasetState;
  readonly obstacles: readonly Obstacle[];
  readonly reading: ReadingPlan;
  /** By the planner's estimate. */
  readonly rowsExpected: number;
  readonly rowsRead: number;
  /** Rows that would be published. */
  readonly conforming: ShareEstimate;
  readonly elements: readonly AssessedElement[];
  readonly findings: readonly AssessedFinding[];
  readonly codes: Readonly<Record<CodeFault, ShareEstimate>>;
  /** False where there were too many codes to tell equal ones, or only a sample was read. */
  readonly duplicatesAreComplete: boolean;
  readonly unmatchedCodes: readonly UnmatchedCodes[];
  readonly statements: readonly ProposedStatement[];
  readonly columns: number;
  readonly mappedColumns: number;
  /** Of a proposed mapping: the lowest confidence among its entries; null of a given one. */
  readonly confidence: number | null;
}

/** Where the mapping comes from. */
export type MappingOrigin =
  { readonly kind: 'given'; readonly place: string } | { readonly kind: 'proposed'; readonly sure: number; readonly unsure: number };

export interface Assessment {
  readonly madeAtMs: number;
  readonly source: string;
  /** `host:port/database`. */
  readonly database: string;
  readonly serverVersion: string;
  readonly reader: string;
  readonly dictionaryRelease: number;
  readonly mapping: MappingOrigin;
  readonly deadline: string;
  /** Negative once it has passed. */
  readonly daysLeft: number;
  readonly state: DatasetState;
  readonly datasets: readonly AssessedDataset[];
  /** Tables of the database that the mapping leaves out or does not name, and why where that is said. */
  readonly leftOut: readonly { readonly table: string; readonly reason: string | null }[];
  /** Code lists that the mapping's elements use and that have no codes here: nothing was judged by them. */
  readonly listsNotLoaded: readonly string[];
  readonly cost: CaptureCost;
}
