/** How much a JSON text holds, known before anything is made of it. */
export interface JsonExtent {
  /** Nested objects and arrays. */
  readonly depth: number;
  /** Commas, of which there is one less than members in each object and array. */
  readonly commas: number;
}

const [quote, backslash, comma] = [0x22, 0x5c, 0x2c];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

/**
 * Counts what stands outside of strings. A parser takes many times as long for a megabyte of brackets or of numbers as for one of text, and whoever walks its result longer still. Says nothing of whether
 * the text is JSON.
 */
export function jsonExtent(bytes: Uint8Array): JsonExtent {
  let depth = 0;
  let deepest = 0;
  let commas = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === quote) {
      for (at++; at < bytes.length && bytes[at] !== quote; at++) if (bytes[at] === backslash) at++;
    } else if (byte === comma) commas++;
    else if (byte === openBrace || byte === openBracket) deepest = Math.max(deepest, ++depth);
    else if (byte === closeBrace || byte === closeBracket) depth--;
  }
  return { depth: deepest, commas };
}
