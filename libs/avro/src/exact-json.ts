/** A number as Java writes it, which JSON.stringify writes unchanged. */
interface RawNumber {
  readonly rawJSON: string;
}

/** Of the language, and not yet in the library of types. */
const json = JSON as unknown as {
  parse(text: string, reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown): unknown;
  rawJSON(text: string): RawNumber;
};

/**
 * A number of JSON of which a number of the language would not tell what was written: an integer that it cannot hold exactly, or a whole number with a point or an exponent, which is no integer to Java.
 * JSON.stringify writes integers as they were, and the others as Java does: `precision` 10.0 is none to it, and must not become the 10 that is one.
 */
export class WrittenNumber {
  readonly text: string;
  readonly isInteger: boolean;

  constructor(text: string) {
    this.text = text;
    this.isInteger = !/[.eE]/.test(text);
  }

  toJSON(): unknown {
    return json.rawJSON(this.isInteger ? this.text : javaDouble(Number(this.text)));
  }
}

/** What JSON.parse would not keep: integers of sixteen digits and more, and numbers with a point or an exponent. What looks like them in a string does no harm. */
const mayBeWritten = /[:,[\s]-?(?:[0-9]{16}|[0-9]+[.eE])/;

/**
 * Parses JSON and keeps such numbers as {@link WrittenNumber}s.
 * @throws RangeError for a number beyond what a double can be; SyntaxError
 */
export function parseWithNumbers(text: string): unknown {
  if (!mayBeWritten.test(text)) return JSON.parse(text) as unknown;
  return json.parse(text, (_, value, { source }) => (typeof value === 'number' && source !== undefined ? numberOf(value, source) : value));
}

function numberOf(value: number, source: string): number | WrittenNumber {
  if (!Number.isFinite(value)) throw new RangeError(`the number ${source.slice(0, 40)} is larger than any double`);
  if (!Number.isInteger(value)) return value;
  return Number.isSafeInteger(value) && !/[.eE]/.test(source) ? value : new WrittenNumber(source);
}

/** Parses JSON and keeps numbers as Java's JSON library writes them again: `1.0` does not become 1, nor 9007199254740993 another number. What comes out is for JSON.stringify alone. */
export function parseExactly(text: string): unknown {
  return json.parse(withoutComments(text), (_, value, { source }) =>
    typeof value === 'number' && source !== undefined ? json.rawJSON(/[.eE]/.test(source) ? javaDouble(value) : source) : value,
  );
}

/** As Double.toString: at least one digit behind the point, and an exponent below 10^-3 and from 10^7 on. */
export function javaDouble(value: number): string {
  if (!Number.isFinite(value)) return '0.0';
  const size = Math.abs(value);
  if (size === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  if (size >= 1e-3 && size < 1e7) return Number.isInteger(value) ? `${value}.0` : String(value);
  const [digits = '0', exponent = '0'] = value.toExponential().split('e');
  return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`;
}

/** The hexadecimal digits of an escape are capitals there. */
const escapes = /\\(?:u[0-9a-f]{4}|.)/g;

/** Writes what {@link parseExactly} read as Java's JSON library does. */
export function javaJson(value: unknown): string {
  return JSON.stringify(value).replace(escapes, (escape) => (escape.length === 6 ? `\\u${escape.slice(2).toUpperCase()}` : escape));
}

const string = /"(?:[^"\\]|\\.)*"/sy;

/** JSON without the comments of JavaScript, which Avro's Java library lets stand in a schema. Each is a space: what it parts stays parted. One without an end is left, and is no JSON. */
export function withoutComments(text: string): string {
  if (!/\/[/*]/.test(text)) return text;
  let plain = '';
  let kept = 0;
  const next = /["/]/g;
  for (let found = next.exec(text); found !== null; found = next.exec(text)) {
    const end = found[0] === '"' ? endOfString(text, found.index) : endOfComment(text, found.index);
    if (end === -1) break;
    next.lastIndex = end;
    if (found[0] === '"' || end === found.index + 1) continue;
    plain += `${text.slice(kept, found.index)} `;
    kept = end;
  }
  return plain + text.slice(kept);
}

/** -1 where it has none. */
function endOfString(text: string, start: number): number {
  string.lastIndex = start;
  return string.test(text) ? string.lastIndex : -1;
}

/** The next character where none begins here; -1 where it has no end. */
function endOfComment(text: string, start: number): number {
  const kind = text[start + 1];
  if (kind !== '*' && kind !== '/') return start + 1;
  const end = kind === '*' ? text.indexOf('*/', start + 2) : text.slice(start).search(/[\n\r]|$/);
  if (kind === '/') return start + end;
  return end === -1 ? -1 : end + 2;
}
