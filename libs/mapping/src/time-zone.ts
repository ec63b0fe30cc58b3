import { TrucError } from '@truc/kernel';

const bucketSeconds = 900;
const bucketsLimit = 4096;

/**
 * Seconds that local time in `zone` is ahead of UTC, by instant (seconds since the Unix epoch).
 *
 * Since 1970 every zone has changed its offset on a quarter of an hour only, so the answer is kept by quarter (a bounded number of them); older instants are asked one by one.
 * @throws TrucError MAPPING_ZONE_UNKNOWN
 */
export function zoneOffset(zone: string): (epochSeconds: number) => number {
  let format: Intl.DateTimeFormat;
  try {
    const numeric = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' } as const;
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, calendar: 'gregory', hourCycle: 'h23', era: 'short', ...numeric });
  } catch (cause) {
    throw new TrucError('MAPPING_ZONE_UNKNOWN', `"${zone}" is not a time zone of the IANA list; write for example Asia/Ho_Chi_Minh`, {
      cause,
      vi: `"${zone}" không phải múi giờ trong danh mục IANA; ví dụ hãy ghi Asia/Ho_Chi_Minh`,
    });
  }
  const ask = (epochSeconds: number): number => {
    const part: Record<string, number> = {};
    let beforeChrist = false;
    for (const { type, value } of format.formatToParts(epochSeconds * 1000)) {
      if (type === 'era') beforeChrist = value.startsWith('B');
      else part[type] = Number(value);
    }
    const local = new Date(0);
    local.setUTCFullYear(beforeChrist ? 1 - (part['year'] ?? 0) : (part['year'] ?? 0), (part['month'] ?? 1) - 1, part['day'] ?? 1);
    local.setUTCHours(part['hour'] ?? 0, part['minute'] ?? 0, part['second'] ?? 0);
    return local.getTime() / 1000 - epochSeconds;
  };
  const known = new Map<number, number>();
  return (epochSeconds) => {
    if (epochSeconds < 0) return ask(epochSeconds);
    const bucket = Math.floor(epochSeconds / bucketSeconds);
    const cached = known.get(bucket);
    if (cached !== undefined) return cached;
    if (known.size >= bucketsLimit) known.clear();
    const offset = ask(bucket * bucketSeconds);
    known.set(bucket, offset);
    return offset;
  };
}
