/** Configurations of our kinds of topic, in one place. Times are in milliseconds. Every value may be overridden, which tests do to shorten them. */

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const MIB = 1_048_576;
/** Records carry the time of the source's commit. By default a broker refuses what is more than an hour ahead of its own clock, so that a wrong clock at a source would stop its stream. */
const ANY_TIME_AHEAD = { 'message.timestamp.after.max.ms': '9223372036854775807' };

export type TopicConfig = Readonly<Record<string, string>>;

/**
 * A topic that keeps the last record of every key: data, view, quarantine and policy topics.
 * Any moment of the last 7 days can be replayed exactly; a consumer that was away for less than 30 days sees every delete.
 */
export function compactedTopic(overrides: TopicConfig = {}): TopicConfig {
  return {
    'cleanup.policy': 'compact',
    'min.compaction.lag.ms': String(7 * DAY_MS),
    'delete.retention.ms': String(30 * DAY_MS),
    'segment.ms': String(DAY_MS),
    'max.compaction.lag.ms': String(14 * DAY_MS),
    ...ANY_TIME_AHEAD,
    ...overrides,
  };
}

/**
 * A topic of which nothing but the last record of every key is ever asked for, and that is read from its beginning at every start and take-over: state topics. Records come
 * about once a second, and the segment that is written to is never compacted: so segments are small, and compacted as soon as they are closed.
 */
export function stateTopic(overrides: TopicConfig = {}): TopicConfig {
  return compactedTopic({
    'min.compaction.lag.ms': '0',
    'max.compaction.lag.ms': String(60 * MINUTE_MS),
    'min.cleanable.dirty.ratio': '0.1',
    'segment.ms': String(10 * MINUTE_MS),
    'segment.bytes': String(16 * MIB),
    ...overrides,
  });
}

/** A topic that keeps everything for some days: commands and replies 7, rejected records and notices 90, receipts 365. */
export function retainedTopic(days: number, overrides: TopicConfig = {}): TopicConfig {
  return {
    'cleanup.policy': 'delete',
    'retention.ms': String(days * DAY_MS),
    'retention.bytes': '-1',
    'segment.ms': String(DAY_MS),
    ...ANY_TIME_AHEAD,
    ...overrides,
  };
}
