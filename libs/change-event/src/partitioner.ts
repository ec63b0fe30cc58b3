/**
 * murmur2 as Kafka's Java client computes it (32 bit, seed 0x9747b28c), so that every client finds a code in the same partition.
 * @returns a signed 32-bit integer
 */
export function murmur2(bytes: Uint8Array): number {
  const m = 0x5bd1e995;
  const length = bytes.length;
  let h = 0x9747b28c ^ length;
  const whole = length & ~3;
  for (let at = 0; at < whole; at += 4) {
    let k = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    k = Math.imul(k, m);
    k ^= k >>> 24;
    k = Math.imul(k, m);
    h = Math.imul(h, m) ^ k;
  }
  const rest = length & 3;
  if (rest === 3) h ^= bytes[whole + 2]! << 16;
  if (rest >= 2) h ^= bytes[whole + 1]! << 8;
  if (rest >= 1) h = Math.imul(h ^ bytes[whole]!, m);
  h ^= h >>> 13;
  h = Math.imul(h, m);
  h ^= h >>> 15;
  return h | 0;
}

/** Partition of an identification code among `partitions`: Java's murmur2 of its UTF-8 bytes, made positive, modulo. */
export function partitionForCode(code: string, partitions: number): number {
  return (murmur2(Buffer.from(code)) & 0x7fffffff) % partitions;
}
