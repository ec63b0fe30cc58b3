/**
 * PostgreSQL's binary form of numeric: counts of base-10000 digits, weight of the first one, sign, display scale, then the digits.
 * A decimal of ours is an unscaled bigint with the column's scale.
 */
const BASE_DIGITS = 4;
const NEGATIVE = 0x4000;
/** Signs from here on are NaN and the infinities. */
const SPECIAL = 0xc000;

export function encodeNumeric(unscaled: bigint, scale: number): Buffer {
  const negative = unscaled < 0n;
  const text = (negative ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  const whole = text.slice(0, text.length - scale);
  const fraction = text.slice(text.length - scale);
  const wholeDigits = whole.padStart(Math.ceil(whole.length / BASE_DIGITS) * BASE_DIGITS, '0');
  const digits = wholeDigits + fraction.padEnd(Math.ceil(fraction.length / BASE_DIGITS) * BASE_DIGITS, '0');
  const groups: number[] = [];
  for (let at = 0; at < digits.length; at += BASE_DIGITS) groups.push(Number(digits.slice(at, at + BASE_DIGITS)));
  let weight = wholeDigits.length / BASE_DIGITS - 1;
  while (groups[0] === 0) {
    groups.shift();
    weight -= 1;
  }
  while (groups.at(-1) === 0) groups.pop();
  if (groups.length === 0) weight = 0;
  const bytes = Buffer.allocUnsafe(8 + groups.length * 2);
  bytes.writeUInt16BE(groups.length, 0);
  bytes.writeInt16BE(weight, 2);
  bytes.writeUInt16BE(negative ? NEGATIVE : 0, 4);
  bytes.writeUInt16BE(scale, 6);
  groups.forEach((group, index) => bytes.writeUInt16BE(group, 8 + index * 2));
  return bytes;
}

/** The unscaled value, or null for NaN, the infinities and a value with more decimals than `scale`. */
export function decodeNumeric(bytes: Buffer, scale: number): bigint | null {
  const count = bytes.readUInt16BE(0);
  const weight = bytes.readInt16BE(2);
  const sign = bytes.readUInt16BE(4);
  if (sign >= SPECIAL) return null;
  let digits = '';
  for (let index = 0; index < count; index += 1) digits += String(bytes.readUInt16BE(8 + index * 2)).padStart(BASE_DIGITS, '0');
  const magnitude = digits === '' ? 0n : BigInt(digits);
  const exponent = (weight - count + 1) * BASE_DIGITS + scale;
  let unscaled = magnitude;
  if (exponent > 0) unscaled = magnitude * 10n ** BigInt(exponent);
  if (exponent < 0) {
    const divisor = 10n ** BigInt(-exponent);
    if (magnitude % divisor !== 0n) return null;
    unscaled = magnitude / divisor;
  }
  return sign === NEGATIVE ? -unscaled : unscaled;
}
