/** Where in a script a change stands: settings of the server and indexes are made outside of a transaction, because PostgreSQL wants it so. */
export type ChangePart = 'server' | 'index' | 'database';

/** One change that a script makes, and what takes it back. */
export interface Change {
  readonly part: ChangePart;
  /** For the person who reviews it, in English and Vietnamese. */
  readonly why: { readonly en: string; readonly vi: string };
  /** Without the semicolon. */
  readonly sql: string;
  /** Null where nothing has to be taken back, because taking back another change does it too. */
  readonly undo: string | null;
}
