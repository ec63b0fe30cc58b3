import { primaryKeyOf, type IdentityFacts, type TableFacts } from './table-facts.js';

/** One table as a mapping wants it captured. */
export interface PlannedTable {
  /** `schema.table`. */
  readonly table: string;
  /** Every column that is read, each once. */
  readonly columns: readonly string[];
  /** Columns that identify a row: a unique index has to stand on exactly them. */
  readonly key: readonly string[];
  /** Columns that an old row has to carry, so that a delete says whose row it was: the key and what the code is made of. */
  readonly identity: readonly string[];
  /** Why it is read: for itself, or only because others find their codes in it. */
  readonly isParent: boolean;
  /** Columns that point to the table with the codes of its rows, which are read again by them; absent where the rows have their codes. */
  readonly pointing?: readonly string[];
}

/** What is to be captured, by whom, and under which names. */
export interface CapturePlan {
  readonly role: string;
  readonly slot: string;
  readonly publication: string;
  readonly tables: readonly PlannedTable[];
}

/** How a table comes to send what it has to of old rows. */
export type IdentityChoice =
  /** As it is. */
  | { readonly kind: 'kept'; readonly columns: readonly string[] }
  /** The whole row already, or from now on. */
  | { readonly kind: 'full'; readonly isNew: boolean }
  | { readonly kind: 'index'; readonly index: string; readonly isNewIndex: boolean; readonly columns: readonly string[] };

/** First PostgreSQL whose publications have lists of columns. */
export const columnListsFrom = 150_000;
/** First PostgreSQL that streams stored generated columns. */
export const generatedColumnsFrom = 180_000;

/** PostgreSQL cuts names at this many bytes. */
const nameBytesMax = 63;

/**
 * The cheapest replica identity that carries what it has to: the present one, else a unique index over NOT NULL columns, else the whole row. Partitions would each need
 * an index of their own name, so that a partitioned table gets the whole row.
 */
export function identityChoice(facts: TableFacts, { identity }: PlannedTable): IdentityChoice {
  const present = [facts.identity, ...facts.leafIdentities];
  if (present.every(({ kind }) => kind === 'f')) return { kind: 'full', isNew: false };
  const carries = (one: IdentityFacts): boolean => one.kind !== 'f' && covers(one.columns, identity);
  if (present.every(carries)) return { kind: 'kept', columns: facts.identity.columns };
  const notNull = new Set(facts.columns.filter((column) => column.notNull && !column.isGenerated).map(({ name }) => name));
  const primary = primaryKeyOf(facts);
  if (facts.isPartitioned || primary === null || !identity.every((column) => notNull.has(column))) return { kind: 'full', isNew: true };
  const [index] = facts.uniqueKeys
    .filter((key) => key.notNull && covers(key.columns, identity))
    .toSorted((a, b) => a.columns.length - b.columns.length);
  if (index !== undefined) return { kind: 'index', index: index.index, isNewIndex: false, columns: index.columns };
  return { kind: 'index', index: indexName(facts.name), isNewIndex: true, columns: identity };
}

function indexName(table: string): string {
  let name = table;
  while (Buffer.byteLength(name) > nameBytesMax - 'truc__identity'.length) name = name.slice(0, -1);
  return `truc_${name}_identity`;
}

/**
 * The columns that the publication sends of a table, and that a snapshot therefore reads; null for the whole row. PostgreSQL refuses every update of a table whose whole
 * old row it should send through a list of columns, and before 15 it has no such lists.
 */
export function publishedColumns(facts: TableFacts, planned: PlannedTable, version: number): readonly string[] | null {
  const choice = identityChoice(facts, planned);
  if (choice.kind === 'full' || version < columnListsFrom) return null;
  const wanted = new Set([...planned.columns, ...planned.key, ...planned.identity, ...choice.columns]);
  return facts.columns
    .filter(({ name, isGenerated }) => wanted.has(name) && (!isGenerated || version >= generatedColumnsFrom))
    .map(({ name }) => name);
}

/** Columns that the capturing role has to be able to read: those that are published. */
export function readableColumns(facts: TableFacts, planned: PlannedTable, version: number): readonly string[] {
  return publishedColumns(facts, planned, version) ?? facts.columns.map(({ name }) => name);
}

/** Why a table cannot be captured at all as it stands; null where it can. */
export function obstacle(facts: TableFacts, { key }: PlannedTable): 'no-key' | 'key-not-unique' | null {
  if (key.length === 0) return 'no-key';
  const isKey = facts.uniqueKeys.some(({ columns, notNull }) => notNull && columns.length === key.length && covers(columns, key));
  if (isKey) return null;
  return facts.uniqueKeys.some(({ notNull }) => notNull) ? 'key-not-unique' : 'no-key';
}

export function covers(columns: readonly string[], wanted: readonly string[]): boolean {
  return wanted.every((column) => columns.includes(column));
}
