import { ByteReader } from './byte-reader.js';
import type { Lsn } from './lsn.js';

/** What the server sends inside CopyData while it streams (PostgreSQL documentation, "Streaming Replication Protocol"). */
export type ReplicationFrame =
  | { readonly kind: 'data'; readonly lsn: Lsn; readonly payload: Buffer }
  /** `walEnd`: everything of the log below it was looked at, and what is ours was sent ahead of this frame. */
  | { readonly kind: 'keepalive'; readonly walEnd: Lsn; readonly replyRequested: boolean };

const DATA = 'w'.charCodeAt(0);
const KEEPALIVE = 'k'.charCodeAt(0);

/** @throws TrucError CAPTURE_MESSAGE_MALFORMED */
export function parseReplicationFrame(copyData: Buffer): ReplicationFrame {
  const reader = new ByteReader(copyData, 'replication', 0n);
  const kind = reader.uint8();
  if (kind === DATA) {
    const lsn = reader.uint64();
    reader.uint64(); // end of the log, which a logical walsender repeats from the first field
    reader.int64(); // the server's clock
    return { kind: 'data', lsn, payload: reader.take(reader.remaining) };
  }
  if (kind === KEEPALIVE) {
    const walEnd = reader.uint64();
    reader.int64();
    const replyRequested = reader.uint8() === 1;
    reader.finish();
    return { kind: 'keepalive', walEnd, replyRequested };
  }
  return reader.fail(`frame ${kind} is neither data nor keepalive`);
}

const STATUS_BYTES = 34;

/** A whole CopyData message that tells the server what is durable here: written, flushed and applied up to `confirmed`, never more. */
export function statusUpdate(confirmed: Lsn, nowMs: number): Buffer {
  const bytes = Buffer.alloc(5 + STATUS_BYTES);
  bytes.write('d', 0, 'latin1');
  bytes.writeInt32BE(4 + STATUS_BYTES, 1);
  bytes.write('r', 5, 'latin1');
  for (const offset of [6, 14, 22]) bytes.writeBigUInt64BE(confirmed, offset);
  bytes.writeBigInt64BE((BigInt(nowMs) - 946_684_800_000n) * 1000n, 30);
  return bytes;
}
