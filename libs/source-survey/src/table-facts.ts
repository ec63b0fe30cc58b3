/** What the catalogue says of one table. No values of rows. */
export interface ColumnFacts {
  readonly name: string;
  /** As the administrator wrote it: `character varying(150)`, `dancu.d_ma_xa`. */
  readonly type: string;
  /** Without a domain around it: `character(5)`, `date`, `text[]`. */
  readonly baseType: string;
  readonly notNull: boolean;
  readonly isGenerated: boolean;
  /** Of a generated column. */
  readonly generation: string | null;
  /** Has a default that is the time of the insert. */
  readonly defaultsToNow: boolean;
  readonly comment: string | null;
  /** Labels of an enum, in its order; empty for other types. */
  readonly labels: readonly string[];
  /** So large at times that PostgreSQL keeps it outside the row, and an update that leaves it alone does not send it. */
  readonly mayBeToasted: boolean;
  /** Bytes, by the planner's statistics; null where there are none or the survey may not read them. */
  readonly widthBytes: number | null;
}

export interface UniqueKeyFacts {
  readonly index: string;
  readonly columns: readonly string[];
  readonly isPrimary: boolean;
  readonly notNull: boolean;
}

export interface ForeignKeyFacts {
  readonly columns: readonly string[];
  /** `schema.table`. */
  readonly table: string;
  readonly key: readonly string[];
}

/** d: the primary key; n: nothing; f: the whole row; i: an index. */
export type IdentityKind = 'd' | 'n' | 'f' | 'i';

export interface IdentityFacts {
  readonly table: string;
  readonly kind: IdentityKind;
  readonly index: string | null;
  /** Empty where old rows carry nothing; of `f` not filled either. */
  readonly columns: readonly string[];
}

export interface TableFacts {
  /** `schema.table`; of a partitioned table its root. */
  readonly table: string;
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  readonly comment: string | null;
  readonly isPartitioned: boolean;
  readonly hasRowSecurity: boolean;
  /** The planner's estimate over all partitions; 0 where nobody analysed it. */
  readonly rowsEstimated: number;
  readonly bytes: number;
  /** Of what is kept outside the rows. */
  readonly toastBytes: number;
  /** Rows changed since `sinceSeconds`. */
  readonly updates: number;
  readonly deletes: number;
  readonly sinceSeconds: number;
  readonly columns: readonly ColumnFacts[];
  readonly uniqueKeys: readonly UniqueKeyFacts[];
  readonly foreignKeys: readonly ForeignKeyFacts[];
  /** Columns of each index that has all rows, in its order. */
  readonly indexes: readonly (readonly string[])[];
  /** Of the table itself: what the stream announces. */
  readonly identity: IdentityFacts;
  /** Of the leaf partitions, which is where PostgreSQL takes old rows from; of a table that has none, the table's own. */
  readonly leafIdentities: readonly IdentityFacts[];
  /** What the role that captures may do here; what everybody may where there is no such role yet. */
  readonly selectable: readonly string[];
  readonly writable: boolean;
}

export function primaryKeyOf({ uniqueKeys }: TableFacts): UniqueKeyFacts | null {
  return uniqueKeys.find(({ isPrimary }) => isPrimary) ?? null;
}

/** `"schema"."table"`, for SQL; plain lower-case names stay as they are. */
export function sqlTable(table: string): string {
  const dot = table.indexOf('.');
  return `${sqlName(table.slice(0, dot))}.${sqlName(table.slice(dot + 1))}`;
}

/** A name as PostgreSQL reads it: quoted unless it is plain lower case and no reserved word. */
export function sqlName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) && !reserved.has(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** Reserved words of PostgreSQL (appendix C of its documentation) that could be names of columns. */
const reserved = new Set(
  (
    'all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column concurrently constraint create cross ' +
    'current_catalog current_date current_role current_schema current_time current_timestamp current_user default deferrable desc distinct do else end except false ' +
    'fetch for foreign freeze from full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit localtime ' +
    'localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references returning right select session_user similar some ' +
    'symmetric system_user table tablesample then to trailing true union unique user using variadic verbose when where window with'
  ).split(' '),
);
