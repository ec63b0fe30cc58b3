import { isUtf8 } from 'node:buffer';

/** Offset of the first character that is not UTF-8; null where all of them are. Takes time in proportion to the bytes, and a little more where there is one. */
export function utf8FaultAt(bytes: Uint8Array): number | null {
  if (isUtf8(bytes)) return null;
  // The longest good beginning; a cut in the middle of a character is no fault of what stands before it.
  let [good, bad] = [0, bytes.length];
  while (good + 1 < bad) {
    const middle = (good + bad) >> 1;
    if (isUtf8Start(bytes.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  // What is wrong may show behind the byte that it began with.
  const begun = [1, 2, 3, 4].find((back) => isUtf8(bytes.subarray(0, bad - back)));
  return bad - (begun ?? 1);
}

function isUtf8Start(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
