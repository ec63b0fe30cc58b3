/** A decimal text at a scale as a whole number: `0.1` at scale 1 is 1n; null where the text has more decimals than the scale. */
export function unscaledBound(text: string, scale: number): bigint | null {
  const negative = text.startsWith('-');
  const [whole = '0', decimals = ''] = text.replace('-', '').split('.');
  const kept = decimals.replace(/0+$/, '');
  if (kept.length > scale) return null;
  const value = BigInt(whole + kept.padEnd(scale, '0'));
  return negative ? -value : value;
}
