import { TrucError } from '@truc/kernel';
import { Fault, type Stepped } from './fault.js';

type Key = string | number;

const pathSyntax = /^\$(?:\.[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff-]*|\.?\["(?:[^"\\]|\\.)*"\]|\[[0-9]{1,6}\])*$/;
const pathKeys = /\.([A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff-]*)|\[("(?:[^"\\]|\\.)*")\]|\[([0-9]{1,6})\]/g;

function parsePath(path: string): readonly Key[] {
  const isPath = path.length <= 500 && pathSyntax.test(path);
  if (!isPath)
    throw new TrucError(
      'MAPPING_JSON_PATH',
      `"${path}" is not a path: write $, then .name, ["name"] or [0] for each step, for example $.a.b[0]`,
      { vi: `"${path}" không phải đường dẫn: ghi $, rồi .tên, ["tên"] hoặc [0] cho mỗi bước, ví dụ $.a.b[0]` },
    );
  return [...path.matchAll(pathKeys)].map(
    ([, name, quoted, index]): Key => name ?? (quoted === undefined ? Number(index) : (JSON.parse(quoted) as string)),
  );
}

/**
 * The text of the one value that `path` names in a json or jsonb text; null where it is absent or JSON null. A number keeps the digits it was written with: it never passes through a double.
 * The text is walked, not built: an object of a megabyte costs no objects, and depth costs no stack.
 * @throws TrucError MAPPING_JSON_PATH
 */
export function jsonPath(path: string): (text: string) => Stepped {
  const keys = parsePath(path);
  const malformed = new Fault('is not JSON');
  const compound = new Fault(`has no single value at ${path}`);
  return (text) => {
    let at = skipSpace(text, 0);
    for (const key of keys) {
      const found = typeof key === 'number' ? itemAt(text, at, key) : memberAt(text, at, key);
      if (found === notThere) return null;
      if (found === broken) return malformed;
      at = found;
    }
    const end = valueEnd(text, at);
    if (end === broken) return malformed;
    const sign = text[at];
    if (sign === '{' || sign === '[') return compound;
    const value = text.slice(at, end);
    if (value === 'null') return null;
    if (sign !== '"') return scalar.test(value) ? value : malformed;
    return stringOf(value) ?? malformed;
  };
}

const notThere = -1;
const broken = -2;
const scalar = /^(?:true|false|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)$/;

function stringOf(quoted: string): string | null {
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return null;
  }
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (at < text.length && text.charCodeAt(at) <= 32) at++;
  return at;
}

function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const sign = text.charCodeAt(at);
    if (sign === 34) return at + 1;
    if (sign === 92) at++;
  }
  return broken;
}

/** Index after the value that starts at `start`. Brackets are counted; the database has checked that they match. */
function valueEnd(text: string, start: number): number {
  const first = text[start];
  if (first === '"') return stringEnd(text, start);
  if (first !== '{' && first !== '[') {
    let at = start;
    while (at < text.length && !',]}: \n\r\t'.includes(text[at] ?? '')) at++;
    return at === start ? broken : at;
  }
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const sign = text[at];
    if (sign === '"') {
      const end = stringEnd(text, at);
      if (end === broken) return broken;
      at = end - 1;
    } else if (sign === '{' || sign === '[') depth++;
    else if (sign === '}' || sign === ']') {
      depth--;
      if (depth === 0) return at + 1;
    }
  }
  return broken;
}

/** Where the value of member `name` starts. Of several members of one name the last counts, as in jsonb. */
function memberAt(text: string, start: number, name: string): number {
  if (text[start] !== '{') return valueEnd(text, start) === broken ? broken : notThere;
  let found = notThere;
  let at = skipSpace(text, start + 1);
  if (text[at] === '}') return notThere;
  for (;;) {
    if (text[at] !== '"') return broken;
    const keyEnd = stringEnd(text, at);
    if (keyEnd === broken) return broken;
    const key = stringOf(text.slice(at, keyEnd));
    at = skipSpace(text, keyEnd);
    if (text[at] !== ':') return broken;
    at = skipSpace(text, at + 1);
    if (key === name) found = at;
    const end = valueEnd(text, at);
    if (end === broken) return broken;
    at = skipSpace(text, end);
    if (text[at] === '}') return found;
    if (text[at] !== ',') return broken;
    at = skipSpace(text, at + 1);
  }
}

function itemAt(text: string, start: number, index: number): number {
  if (text[start] !== '[') return valueEnd(text, start) === broken ? broken : notThere;
  let at = skipSpace(text, start + 1);
  if (text[at] === ']') return notThere;
  for (let i = 0; ; i++) {
    if (i === index) return at;
    const end = valueEnd(text, at);
    if (end === broken) return broken;
    at = skipSpace(text, end);
    if (text[at] === ']') return notThere;
    if (text[at] !== ',') return broken;
    at = skipSpace(text, at + 1);
  }
}
