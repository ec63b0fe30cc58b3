/** Which partition a master-data code belongs to. Pure. */

/**
 * Partition of a code: Java's murmur2 of its UTF-8 bytes with the sign bit cleared, modulo the number of partitions, as Kafka's own default
 * partitioner places a key of those bytes. All datasets of one scheme use it, so that one person's, enterprise's or parcel's changes share a partition number.
 * @param partitions 1 or more
 */
export function partitionForCode(code: string, partitions: number): number {
  return (murmur2(Buffer.from(code, 'utf8')) & 0x7fffffff) % partitions;
}

/** murmur2, 32 bits, with the seed of Kafka's Java client. @returns a signed 32-bit integer */
export function murmur2(data: Buffer): number {
  const m = 0x5bd1e995;
  const words = data.length & ~3;
  let hash = 0x9747b28c ^ data.length;
  for (let at = 0; at < words; at += 4) {
    let k = Math.imul(data.readInt32LE(at), m);
    k = Math.imul(k ^ (k >>> 24), m);
    hash = Math.imul(hash, m) ^ k;
  }
  const rest = data.length - words;
  if (rest > 0) {
    for (let i = rest - 1; i >= 0; i--) hash ^= data[words + i]! << (8 * i);
    hash = Math.imul(hash, m);
  }
  hash = Math.imul(hash ^ (hash >>> 13), m);
  return hash ^ (hash >>> 15);
}
