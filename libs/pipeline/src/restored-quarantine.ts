import { positionHeaders, positionOf } from '@truc/change-event';
import type { Clock } from '@truc/kernel';
import type { LogReader, LogRecord, LogWriter } from './log.js';
import { scanToEnd } from './log-scan.js';
import { isAhead, QuarantineBook } from './quarantine-book.js';
import type { StreamPoint } from './snapshot-plan.js';

/**
 * Reads a dataset's quarantine as it stood at the stored position, and makes the topic say the same.
 *
 * Why it is written back: (1) a bad row is held at a position after the stored one, acknowledged, and the process ends; (2) the row is mended at the source before
 * the next start, which therefore sees it good and knows of nothing to release; (3) the entry would stay, a later start would believe it, and a delete of the
 * row would then be taken for that of one that was never published.
 */
export async function restoreQuarantine(
  { topic, schemaId, stored }: { readonly topic: string; readonly schemaId: number; readonly stored: StreamPoint },
  {
    reader,
    writer,
    clock,
    signal,
  }: { readonly reader: LogReader; readonly writer: LogWriter; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<QuarantineBook> {
  const book = new QuarantineBook(topic, schemaId);
  const ahead = new Set<string>();
  for await (const record of scanToEnd(reader, topic, 0, -2n, signal)) {
    if (!book.restore(record, stored)) ahead.add(record.key.toString('utf8'));
  }
  if (ahead.size === 0) return book;
  const back = new Map<string, LogRecord>();
  const atStored = positionHeaders({ ...stored, index: 0 });
  for (const key of ahead) {
    back.set(key, { topic, partition: 0, key: Buffer.from(key), value: null, headers: atStored, timestampMs: clock.now() });
  }
  for await (const { key, value, headers } of scanToEnd(reader, topic, 0, -2n, signal)) {
    const text = key.toString('utf8');
    if (!ahead.has(text) || isAhead(positionOf(headers), stored)) continue;
    const copied = value === null ? null : Buffer.from(value);
    const copiedHeaders = headers.map((header) => ({ key: header.key, value: Buffer.from(header.value) }));
    back.set(text, { topic, partition: 0, key: Buffer.from(key), value: copied, headers: copiedHeaders, timestampMs: clock.now() });
  }
  await writer.write([...back.values()]);
  await writer.flush();
  return book;
}
