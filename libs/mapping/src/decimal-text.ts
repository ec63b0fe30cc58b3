/** A number written in decimal digits, exactly: `unscaled` times ten to the power of minus `scale`. */
export interface Decimal {
  readonly unscaled: bigint;
  readonly scale: number;
}

const syntax = /^([+-]?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,3}))?$/;

/** Digits of one number beyond which it is not read at all, so that a hostile text costs nothing. */
const digitsLimit = 400;

/** Parses plain and scientific notation; null for anything else (`NaN` and `Infinity` included). */
export function parseDecimal(text: string): Decimal | null {
  if (text.length > digitsLimit) return null;
  const match = syntax.exec(text);
  if (match === null) return null;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const scale = fraction.length - Number(exponent);
  if (Math.abs(scale) > digitsLimit) return null;
  const digits = BigInt(whole + fraction);
  const unscaled = scale < 0 ? digits * 10n ** BigInt(-scale) : digits;
  return { unscaled: sign === '-' ? -unscaled : unscaled, scale: Math.max(scale, 0) };
}

/** How a scale is reduced: `exact` refuses to drop a digit that is not zero; `halfUp` rounds half away from zero, as PostgreSQL's numeric does. */
export type Rounding = 'exact' | 'halfUp' | 'down';

/** `value` with exactly `scale` decimal places, unscaled; null where `exact` would lose a digit. */
export function rescale({ unscaled, scale: from }: Decimal, scale: number, rounding: Rounding): bigint | null {
  if (from <= scale) return unscaled * 10n ** BigInt(scale - from);
  const divisor = 10n ** BigInt(from - scale);
  const quotient = unscaled / divisor;
  const rest = unscaled % divisor;
  if (rest === 0n) return quotient;
  switch (rounding) {
    case 'exact':
      return null;
    case 'down':
      return quotient;
    case 'halfUp': {
      const magnitude = rest < 0n ? -rest : rest;
      return magnitude * 2n >= divisor ? quotient + (unscaled < 0n ? -1n : 1n) : quotient;
    }
  }
}

/** Plain text of an unscaled number: `formatDecimal(-5n, 2)` is `-0.05`. */
export function formatDecimal(unscaled: bigint, scale: number): string {
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  const point = digits.length - scale;
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, point)}${scale > 0 ? `.${digits.slice(point)}` : ''}`;
}
