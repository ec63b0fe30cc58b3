import { TrucError } from '@truc/kernel';

/** One message of the frontend/backend protocol: its type letter and its body. */
export interface BackendMessage {
  readonly type: string;
  readonly body: Buffer;
}

const HEADER_BYTES = 5;

/**
 * Cuts the socket's chunks into protocol messages. Chunks are kept as they came; only a message that spans chunks is copied.
 * Holds what the socket has delivered and nothing more; the socket's owner decides by `bytes` and `hasMessage` when to stop reading.
 */
export class MessageSplitter {
  private readonly chunks: Buffer[] = [];
  private offset = 0;
  private size = 0;

  constructor(private readonly messageBytesMax: number) {}

  /** Bytes held. */
  get bytes(): number {
    return this.size;
  }

  /** @throws TrucError CAPTURE_MESSAGE_TOO_LARGE */
  get hasMessage(): boolean {
    return this.size >= HEADER_BYTES && this.size >= 1 + this.nextLength();
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.chunks.push(chunk);
    this.size += chunk.length;
  }

  /** The next whole message, or null until more bytes come. */
  next(): BackendMessage | null {
    if (!this.hasMessage) return null;
    const length = this.nextLength();
    const type = String.fromCharCode(this.take(1)[0]!);
    this.take(4);
    return { type, body: this.take(length - 4) };
  }

  /** The length field counts itself and not the type letter. */
  private nextLength(): number {
    const length = (this.byteAt(1) << 24) | (this.byteAt(2) << 16) | (this.byteAt(3) << 8) | this.byteAt(4);
    if (length < 4 || length > this.messageBytesMax) {
      throw new TrucError(
        'CAPTURE_MESSAGE_TOO_LARGE',
        `PostgreSQL announced a message of ${length >>> 0} bytes and at most ${this.messageBytesMax} are accepted: ` +
          'raise the limit messageBytesMax above the largest row of the source',
      );
    }
    return length;
  }

  private byteAt(position: number): number {
    let at = this.offset + position;
    for (const chunk of this.chunks) {
      if (at < chunk.length) return chunk[at]!;
      at -= chunk.length;
    }
    return 0;
  }

  private take(length: number): Buffer {
    this.size -= length;
    const head = this.chunks[0];
    if (head !== undefined && head.length - this.offset >= length) {
      const part = head.subarray(this.offset, this.offset + length);
      this.advance(head, length);
      return part;
    }
    const whole = Buffer.allocUnsafe(length);
    for (let filled = 0; filled < length;) {
      const chunk = this.chunks[0]!;
      const count = chunk.copy(whole, filled, this.offset, Math.min(chunk.length, this.offset + length - filled));
      filled += count;
      this.advance(chunk, count);
    }
    return whole;
  }

  private advance(head: Buffer, length: number): void {
    this.offset += length;
    if (this.offset === head.length) {
      this.chunks.shift();
      this.offset = 0;
    }
  }
}
