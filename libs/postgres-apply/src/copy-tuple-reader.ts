import { TrucError } from '@truc/kernel';
import { COPY_HEADER } from './copy-chunk.js';

const LENGTH_BYTES = 4;

/**
 * Cuts a binary COPY stream into tuples of raw fields (null is SQL null), whatever the cuts of its chunks.
 * Memory: the chunks of the tuple that is not complete yet.
 */
export class CopyTupleReader {
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** Bytes without which trying again is useless. */
  #neededBytes = COPY_HEADER.length;
  #state: 'header' | 'tuples' | 'ended' = 'header';

  /** The tuples that `chunk` completes. @throws TrucError APPLY_COPY_INVALID */
  *push(chunk: Buffer): Generator<(Buffer | null)[]> {
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.length;
    if (this.#pendingBytes < this.#neededBytes) return;
    const bytes = this.#pending.length === 1 ? chunk : Buffer.concat(this.#pending);
    let at = 0;
    if (this.#state === 'header') {
      if (bytes.compare(COPY_HEADER, 0, 11, 0, 11) !== 0) throw invalid('it does not begin with its signature');
      at = COPY_HEADER.length + bytes.readInt32BE(15);
      this.#state = 'tuples';
    }
    while (this.#state === 'tuples') {
      const tuple = this.#tuple(bytes, at);
      if (tuple === null) break;
      at = tuple.end;
      if (tuple.fields === null) this.#state = 'ended';
      else yield tuple.fields;
    }
    this.#pending = at < bytes.length ? [bytes.subarray(at)] : [];
    this.#pendingBytes = bytes.length - at;
    this.#neededBytes = Math.max(this.#neededBytes - at, 1);
  }

  /** @throws TrucError APPLY_COPY_INVALID when the stream stopped before its trailer */
  end(): void {
    if (this.#state !== 'ended') throw invalid('it stopped in the middle');
  }

  #tuple(bytes: Buffer, start: number): { fields: (Buffer | null)[] | null; end: number } | null {
    if (!this.#has(bytes, start + 2)) return null;
    const count = bytes.readInt16BE(start);
    let at = start + 2;
    if (count === -1) return { fields: null, end: at };
    const fields: (Buffer | null)[] = [];
    for (let index = 0; index < count; index += 1) {
      if (!this.#has(bytes, at + LENGTH_BYTES)) return null;
      const length = bytes.readInt32BE(at);
      at += LENGTH_BYTES;
      if (length < 0) {
        fields.push(null);
        continue;
      }
      if (!this.#has(bytes, at + length)) return null;
      fields.push(bytes.subarray(at, at + length));
      at += length;
    }
    return { fields, end: at };
  }

  #has(bytes: Buffer, end: number): boolean {
    this.#neededBytes = end;
    return end <= bytes.length;
  }
}

function invalid(what: string): TrucError {
  return new TrucError('APPLY_COPY_INVALID', `the COPY stream of the database cannot be read: ${what}`);
}
