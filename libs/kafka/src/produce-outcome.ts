/** What an answer to a produced batch means. Pure. */
import { TrucError } from '@truc/kernel';
import { partitionKey, type TopicPartition } from './cluster-metadata.js';
import type { ProduceResult } from './produce-request.js';
import { isFenced, isNotAuthorized, isTransient, notAuthorized, protocolCode, protocolCodeName } from './protocol-error.js';
import { fenced } from './transactional-id.js';

export type ProduceOutcome =
  | { readonly kind: 'acknowledged'; readonly baseOffset: bigint }
  | { readonly kind: 'again'; readonly because: TrucError }
  | { readonly kind: 'fatal'; readonly error: TrucError };

export interface ProducedBatch {
  /** A batch before this one, of the same partition, is not acknowledged yet. */
  readonly overtaken: boolean;
  readonly batchBytes: number;
  readonly transactionalId: string;
  readonly username: string;
}

export function produceOutcome(result: ProduceResult, { overtaken, batchBytes, transactionalId, username }: ProducedBatch): ProduceOutcome {
  const { errorCode, baseOffset, topic } = result;
  const place = partitionKey(result);
  switch (errorCode) {
    case protocolCode.none:
      return { kind: 'acknowledged', baseOffset };
    case protocolCode.duplicateSequenceNumber:
      // Sent again although the leader had it; it no longer knows under which offset.
      return { kind: 'acknowledged', baseOffset: -1n };
    case protocolCode.outOfOrderSequenceNumber:
      if (overtaken) return { kind: 'again', because: writeFailed(`${place}: a batch overtook the one before it`) };
      break;
    case protocolCode.messageTooLarge:
    case protocolCode.recordListTooLarge:
      return {
        kind: 'fatal',
        error: new TrucError(
          'LOG_RECORD_TOO_LARGE',
          `a batch of ${batchBytes} bytes is larger than topic ${topic} takes: raise max.message.bytes of the topic, or lower the writer's batchBytesMax and brokerBatchBytesMax`,
        ),
      };
  }
  if (isFenced(errorCode)) return { kind: 'fatal', error: fenced(transactionalId) };
  if (isNotAuthorized(errorCode)) return { kind: 'fatal', error: notAuthorized(username, `topic ${topic}`, 'WRITE') };
  const because = writeFailed(`${place}: ${protocolCodeName(errorCode)}${result.errorMessage === null ? '' : `, ${result.errorMessage}`}`);
  return isTransient(errorCode) ? { kind: 'again', because } : { kind: 'fatal', error: because };
}

/** The result of what was sent is unknown: open a new writer and send again from the stored position. */
export function writeFailed(why: string, cause?: unknown): TrucError {
  return new TrucError('LOG_WRITE_FAILED', `writing to Kafka failed: ${why}`, { retry: true, cause });
}

export function recordTooLarge(place: TopicPartition, bytes: number, limit: number): TrucError {
  return new TrucError(
    'LOG_RECORD_TOO_LARGE',
    `a record for ${partitionKey(place)} takes up to ${bytes} bytes; a batch has room for ${limit} (max.message.bytes of the topic)`,
  );
}
