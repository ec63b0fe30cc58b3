/** How many rows of those that were read, and what that says of the whole table. */
export interface ShareEstimate {
  readonly rows: number;
  readonly of: number;
  /** 0 to 1; 0 of no rows. */
  readonly share: number;
  /** Where the share of the whole table lies, with 95 % confidence; null where the whole table was read, and the share is what it is. */
  readonly interval: { readonly low: number; readonly high: number } | null;
}

/** Two-sided, 95 %. */
const z = 1.96;

export function countedShare(rows: number, of: number): ShareEstimate {
  return { rows, of, share: of === 0 ? 0 : rows / of, interval: null };
}

/**
 * The share in a sample of pages, with Wilson's interval. Rows of one page are alike more often than not, so that a page tells less than its number of rows: the number is divided by
 * how much more the shares of pages differ than those of independent rows would (the design effect, never below 1).
 * @param pages rows of each page that was read, and those that count
 */
export function sampledShare(pages: Iterable<{ readonly rows: number; readonly found: number }>): ShareEstimate {
  const read = [...pages];
  const of = read.reduce((sum, page) => sum + page.rows, 0);
  const rows = read.reduce((sum, page) => sum + page.found, 0);
  if (of === 0) return { rows, of, share: 0, interval: { low: 0, high: 1 } };
  const share = rows / of;
  return { rows, of, share, interval: wilson(share, of / designEffect(read, share, of)) };
}

function designEffect(pages: readonly { readonly rows: number; readonly found: number }[], share: number, of: number): number {
  const independent = (share * (1 - share)) / of;
  if (pages.length < 2 || independent === 0) return 1;
  const squares = pages.reduce((sum, page) => sum + (page.found - share * page.rows) ** 2, 0);
  const clustered = (pages.length / (pages.length - 1)) * (squares / of ** 2);
  return Math.max(1, clustered / independent);
}

function wilson(share: number, of: number): { low: number; high: number } {
  const middle = (share + z ** 2 / (2 * of)) / (1 + z ** 2 / of);
  const half = (z / (1 + z ** 2 / of)) * Math.sqrt((share * (1 - share)) / of + z ** 2 / (4 * of ** 2));
  return { low: share === 0 ? 0 : Math.max(0, middle - half), high: share === 1 ? 1 : Math.min(1, middle + half) };
}
