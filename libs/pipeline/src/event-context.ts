import type { SourceBlock, TransactionBlock } from '@truc/change-event';

/** Where an event comes from, besides its row. */
export interface EventContext {
  readonly epoch: number;
  readonly sequence: bigint;
  readonly committedAtMs: number;
  readonly transaction: TransactionBlock | null;
  /** Null for a snapshot row. */
  readonly transactionId: string | null;
}

/** What the events of one source have in common. */
export interface EventOrigin {
  readonly sourceId: string;
  readonly connector: string;
  readonly release: number;
}

export function sourceBlockOf({ connector, sourceId, release }: EventOrigin, context: EventContext, index: number): SourceBlock {
  return {
    connector,
    sourceId,
    ts_ms: BigInt(context.committedAtMs),
    snapshot: context.transactionId === null,
    txId: context.transactionId,
    epoch: context.epoch,
    sequence: context.sequence,
    index: BigInt(index),
    release,
  };
}
