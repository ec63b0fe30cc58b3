/** A number as Java writes it, which JSON.stringify writes unchanged. */
interface RawNumber {
  readonly rawJSON: string;
}

/** Of the language, and not yet in the library of types. */
const json = JSON as unknown as {
  parse(text: string, reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown): unknown;
  rawJSON(text: string): RawNumber;
};

/** Parses JSON and keeps numbers as Java's JSON library writes them again: `1.0` does not become 1, nor 9007199254740993 another number. What comes out is for JSON.stringify alone. */
export function parseExactly(text: string): unknown {
  return json.parse(text, (_, value, { source }) =>
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
