import { positionOf } from '@truc/change-event';
import { TrucError, type Position } from '@truc/kernel';
import type { StoredRecord } from './log.js';

/** The position of a record; null where it cannot be read. Every consumer rejects such a record, so that it counts for nothing: whoever looks back at a topic is not stopped by it. */
export function readablePosition(headers: StoredRecord['headers']): Position | null {
  try {
    return positionOf(headers);
  } catch (error) {
    if (error instanceof TrucError) return null;
    throw error;
  }
}
