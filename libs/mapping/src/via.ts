/** Where a row's code comes from, as `identification.via` says it. */
import { TrucError } from '@truc/kernel';

/** A table one foreign key away, which has the code. */
export interface ParentReference {
  /** `schema.table`. */
  readonly table: string;
  /** Its key, in the order of the child's columns. */
  readonly key: readonly string[];
  /** Its column with the code. */
  readonly code: string;
}

export type Via =
  /** In the row: the named column. */
  | { readonly kind: 'row' }
  /** In the row, computed of several columns by the transform. */
  | { readonly kind: 'expression' }
  | { readonly kind: 'parent'; readonly parent: ParentReference }
  /** Further than one foreign key: the tables between, with their keys where they are given, and the column at the end. */
  | {
      readonly kind: 'far';
      readonly tables: readonly { readonly table: string; readonly key: readonly string[] }[];
      readonly code: string;
    };

const name = '[^\\s.,()>-][^.,()>]*';
const parentSyntax = new RegExp(`^(${name}\\.${name})\\((${name}(?:, ?${name})*)\\)\\.(${name})$`);
const betweenSyntax = new RegExp(`^(${name}\\.${name})\\((${name}(?:, ?${name})*)\\)$`);
const lastSyntax = new RegExp(`^(${name}\\.${name})(?:\\((${name}(?:, ?${name})*)\\))?\\.(${name})$`);

/**
 * Reads `via`: null, `expression`, `schema.table(key).code` with one or more key columns, or hops with `->` between them.
 * @throws TrucError MAPPING_VIA_INVALID
 */
export function parseVia(via: string | null): Via {
  if (via === null) return { kind: 'row' };
  if (via === 'expression') return { kind: 'expression' };
  const hops = via.split('->').map((hop) => hop.trim());
  if (hops.length === 1) {
    const [, table, key, code] = parentSyntax.exec(via) ?? [];
    if (table !== undefined && key !== undefined && code !== undefined)
      return { kind: 'parent', parent: { table, key: columnsOf(key), code } };
  }
  const last = lastSyntax.exec(hops.at(-1) ?? '');
  const between = hops.slice(0, -1).map((hop) => betweenSyntax.exec(hop));
  const [, table, key, code] = last ?? [];
  if (hops.length > 1 && table !== undefined && code !== undefined && between.every((hop) => hop !== null)) {
    const tables = between.map((hop) => ({ table: hop?.[1] ?? '', key: columnsOf(hop?.[2] ?? '') }));
    return { kind: 'far', tables: [...tables, { table, key: key === undefined ? [] : columnsOf(key) }], code };
  }
  throw new TrucError(
    'MAPPING_VIA_INVALID',
    `"${via}" does not say where the code is: write null where it is in the row, expression where a transform {op: format, ...} makes it, or schema.table(key).column for a table one foreign key away, as in dkkd.doanh_nghiep(id).ma_so_dn`,
    {
      vi: `"${via}" không cho biết mã nằm ở đâu: ghi null nếu mã nằm trong dòng, expression nếu do transform {op: format, ...} tạo ra, hoặc lược_đồ.bảng(khóa).cột nếu mã ở bảng cách một khóa ngoại, ví dụ dkkd.doanh_nghiep(id).ma_so_dn`,
    },
  );
}

/** `ma_xa,so_to,so_thua`: the columns that an identification names. */
export function columnsOf(list: string): string[] {
  return list.split(',').map((column) => column.trim());
}
