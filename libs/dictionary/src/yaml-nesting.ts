/** Lists and maps in each other. */
export const nestingLimit = 32;

/**
 * The place where the text nests far deeper than the limit, found before it is parsed: a parser that recurses would otherwise be brought down by a megabyte of
 * brackets. A coarse count of open brackets and of dashes at the beginning of a line; the exact limit is checked on the tree.
 */
export function nestedTooDeep(text: string): { line: number; column: number } | null {
  // Brackets in quoted text are counted too: four times the limit leaves them room.
  const flowLimit = nestingLimit * 4;
  let flow = 0;
  let line = 1;
  let column = 0;
  let dashes = 0;
  let atStart = true;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    column += 1;
    if (character === '\n') {
      line += 1;
      column = 0;
      dashes = 0;
      atStart = true;
      continue;
    }
    if (character === '[' || character === '{') flow += 1;
    else if (character === ']' || character === '}') flow = Math.max(0, flow - 1);
    if (atStart && (character === '-' || character === '?') && ' \t\n'.includes(text[index + 1] ?? '\n')) dashes += 1;
    else if (character !== ' ' && character !== '\t') atStart = false;
    if (flow > flowLimit || dashes > nestingLimit) return { line, column };
  }
  return null;
}
