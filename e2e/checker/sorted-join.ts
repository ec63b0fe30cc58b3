/** Items of two streams with the same key; null where a stream has none. Both come in the order of their keys' bytes. */
export async function* joinSorted<A extends { readonly key: string }, B extends { readonly key: string }>(
  left: AsyncIterable<A>,
  right: AsyncIterable<B>,
): AsyncGenerator<{ readonly key: string; readonly left: A | null; readonly right: B | null }> {
  const lefts = left[Symbol.asyncIterator]();
  const rights = right[Symbol.asyncIterator]();
  let [a, b] = [await lefts.next(), await rights.next()];
  try {
    while (a.done !== true || b.done !== true) {
      const order = a.done === true ? 1 : b.done === true ? -1 : compareBytes((a.value as A).key, (b.value as B).key);
      const key = order <= 0 ? (a.value as A).key : (b.value as B).key;
      yield { key, left: order <= 0 ? (a.value as A) : null, right: order >= 0 ? (b.value as B) : null };
      if (order <= 0) a = await lefts.next();
      if (order >= 0) b = await rights.next();
    }
  } finally {
    await lefts.return?.();
    await rights.return?.();
  }
}

function compareBytes(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}
