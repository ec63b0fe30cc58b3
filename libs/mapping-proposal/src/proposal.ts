/** A table as a survey of the catalogue gives it. Values of rows are compared and never repeated. */
export interface ProposalColumn {
  readonly name: string;
  /** PostgreSQL's type without a domain around it: `character varying(12)`, `text[]`. */
  readonly baseType: string;
  readonly notNull: boolean;
  readonly isGenerated: boolean;
  /** Expression of a generated column. */
  readonly generation: string | null;
  readonly defaultsToNow: boolean;
  readonly comment: string | null;
  /** Of an enum. */
  readonly labels: readonly string[];
}

export interface ProposalTable {
  /** `schema.table`. */
  readonly table: string;
  readonly name: string;
  readonly comment: string | null;
  readonly columns: readonly ProposalColumn[];
  /** The primary key first, where there is one. */
  readonly uniqueKeys: readonly { readonly columns: readonly string[]; readonly isPrimary: boolean; readonly notNull: boolean }[];
  readonly foreignKeys: readonly { readonly columns: readonly string[]; readonly table: string; readonly key: readonly string[] }[];
  readonly samples: { readonly columns: readonly string[]; readonly rows: readonly (readonly (string | null)[])[] };
}

/** Settings of one operation of a mapping, as its YAML has them. */
export type ProposedTransform = Readonly<Record<string, unknown>> & { readonly op: string };

/** Why something is proposed. Names and numbers, no values of rows. */
export type Reason =
  | { readonly kind: 'name'; readonly words: string; readonly label: string }
  | { readonly kind: 'values'; readonly fit: number; readonly of: number }
  | { readonly kind: 'no-values' }
  | { readonly kind: 'type'; readonly type: string }
  | { readonly kind: 'group'; readonly group: string }
  | { readonly kind: 'foreign-key'; readonly table: string; readonly column: string }
  | { readonly kind: 'path'; readonly path: string };

/** Why a column that was recognised may not be published. */
export type Withheld = 'deprecated' | 'state-secret' | 'not-approved';

export interface ColumnProposal {
  readonly column: string;
  readonly element: string;
  readonly transform: readonly ProposedTransform[];
  /** 0 to 1. */
  readonly confidence: number;
  readonly reasons: readonly Reason[];
  readonly withheld: Withheld | null;
}

/** A column and what it is proposed for; JSON and points may be proposed for several elements. */
export interface ColumnOutcome {
  readonly column: string;
  readonly proposals: readonly ColumnProposal[];
  /** The best that is too doubtful to be proposed. */
  readonly perhaps: ColumnProposal | null;
}

/** From this confidence on a column is proposed, and from the higher one on no person is asked to look. */
export const proposedFrom = 0.5;
export const sureFrom = 0.75;
export const perhapsFrom = 0.3;
