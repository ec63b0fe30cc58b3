const seed = 0x9747b28c;
const multiplier = 0x5bd1e995;

/** Java's murmur2 of the text's UTF-8, made positive as Kafka's own partitioner does it. Written for the checker alone: it shares no code with what it judges. */
export function positiveMurmur2(text: string): number {
  const bytes = Buffer.from(text, 'utf8');
  const whole = bytes.length - (bytes.length % 4);
  let hash = seed ^ bytes.length;
  for (let at = 0; at < whole; at += 4) {
    let word = Math.imul(bytes.readInt32LE(at), multiplier);
    word = Math.imul(word ^ (word >>> 24), multiplier);
    hash = Math.imul(hash, multiplier) ^ word;
  }
  if (bytes.length % 4 > 0) {
    for (let rest = (bytes.length % 4) - 1; rest >= 0; rest -= 1) hash ^= (bytes[whole + rest] ?? 0) << (8 * rest);
    hash = Math.imul(hash, multiplier);
  }
  hash = Math.imul(hash ^ (hash >>> 13), multiplier);
  return (hash ^ (hash >>> 15)) & 0x7fffffff;
}
