/** Names that one answer holds: 1,000 subjects of 255 characters are well within an answer. */
const namesPerPage = 1_000;

/**
 * Everything of a list that is asked for in pages. Some registries do not know pages and answer with all of it: then the first answer is all there is.
 * @param ask one page
 * @param keyOf what tells two entries apart
 */
export async function* inPages<T>(
  ask: (offset: number, limit: number) => Promise<readonly T[]>,
  keyOf: (entry: T) => string,
  perPage = namesPerPage,
): AsyncGenerator<T> {
  let firstOfAll: string | null = null;
  for (let offset = 0; ;) {
    const page = await ask(offset, perPage);
    const [first] = page;
    // The same page again: the offset was not understood, and there is no more.
    if (first === undefined || keyOf(first) === firstOfAll) return;
    firstOfAll ??= keyOf(first);
    yield* page;
    if (page.length !== perPage) return;
    offset += page.length;
  }
}
