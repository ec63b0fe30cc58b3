/** An array as PostgreSQL prints it, taken apart; arrays of several dimensions nest. */
export type PostgresArray = (string | null | PostgresArray)[];

const depthLimit = 6;

/**
 * Parses PostgreSQL's text of an array: `{a,"b c",NULL}`, with quotes, backslashes, several dimensions and bounds (`[2:3]={a,b}`). Null if the text is none.
 * PostgreSQL itself allows six dimensions, so nothing nests deeper.
 */
export function parsePostgresArray(text: string): PostgresArray | null {
  const start = text.startsWith('[') ? /^(?:\[-?[0-9]{1,10}:-?[0-9]{1,10}\]){1,6}=/.exec(text)?.[0].length : 0;
  if (start === undefined || text[start] !== '{') return null;
  const root: PostgresArray = [];
  const open: PostgresArray[] = [root];
  let at = start + 1;
  // True where an item must follow: after a comma.
  let itemDue = false;
  let itemMay = true;
  while (at < text.length) {
    const current = open.at(-1);
    if (current === undefined) return null;
    const sign = text[at];
    if (sign === '}') {
      if (itemDue) return null;
      open.pop();
      at++;
      itemMay = false;
      if (open.length === 0) return at === text.length ? root : null;
    } else if (sign === ',') {
      if (itemDue || itemMay) return null;
      itemDue = true;
      itemMay = true;
      at++;
    } else if (!itemMay) {
      return null;
    } else if (sign === '{') {
      if (open.length === depthLimit) return null;
      const inner: PostgresArray = [];
      current.push(inner);
      open.push(inner);
      itemDue = false;
      at++;
    } else {
      const item = sign === '"' ? quotedItem(text, at) : plainItem(text, at);
      if (item === null) return null;
      current.push(item.value);
      at = item.end;
      itemDue = false;
      itemMay = false;
    }
  }
  return null;
}

interface Item {
  readonly value: string | null;
  readonly end: number;
}

function quotedItem(text: string, start: number): Item | null {
  let value = '';
  let copied = start + 1;
  for (let at = start + 1; at < text.length; at++) {
    const sign = text[at];
    if (sign === '"') return { value: value + text.slice(copied, at), end: at + 1 };
    if (sign === '\\') {
      value += text.slice(copied, at);
      at++;
      copied = at;
    }
  }
  return null;
}

function plainItem(text: string, start: number): Item | null {
  let value = '';
  let isEscaped = false;
  let at = start;
  for (; at < text.length; at++) {
    const sign = text[at] ?? '';
    if (sign === ',' || sign === '}') break;
    if (sign === '"' || sign === '{') return null;
    if (sign === '\\') {
      isEscaped = true;
      at++;
      if (at >= text.length) return null;
    }
    value += text[at];
  }
  if (value === '') return null;
  return { value: !isEscaped && value.toUpperCase() === 'NULL' ? null : value, end: at };
}
