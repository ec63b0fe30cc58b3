/**
 * The pattern of `format` that computes what a generated column does: columns, some filled up with zeros, and texts between them. Before PostgreSQL 18 the stream does not have
 * generated columns, so that they have to be computed again.
 * @returns null where the expression does anything else
 */
export function generatedFormat(expression: string, columns: readonly string[]): string | null {
  const names = columns
    .toSorted((a, b) => b.length - a.length)
    .map((name) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('|');
  const column = `\\(*"?(${names})"?\\)*(?:::[a-z ]+(?:\\([0-9]+\\))?)*\\)*`;
  const piece = new RegExp(
    `^(?:[\\s()]|\\|\\|)*(?:lpad\\(${column}, ?([0-9]+), ?'0'(?:::text)?\\)|'((?:[^']|'')*)'(?:::[a-z ]+)?|${column})(?:[\\s()]|\\|\\|)*`,
  );
  let rest = expression;
  let pattern = '';
  while (rest !== '') {
    const found = piece.exec(rest);
    if (found === null || found[0] === '') return null;
    const [whole, padded, length, text, plain] = found;
    if (padded !== undefined && length !== undefined) pattern += `{${padded}:0${length}}`;
    else if (text !== undefined) pattern += text.replaceAll("''", "'");
    else pattern += `{${plain ?? ''}}`;
    rest = rest.slice(whole.length);
  }
  return /[{}]/.test(pattern.replaceAll(/\{[^{}]+\}/g, '')) ? null : pattern;
}
