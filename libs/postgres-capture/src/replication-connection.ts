import { TrucError, type Clock } from '@truc/kernel';
import { escapeIdentifier, escapeLiteral, type Client } from 'pg';
import type { Duplex } from 'node:stream';
import { ByteReader } from './byte-reader.js';
import type { Lsn } from './lsn.js';
import { MessageSplitter, type BackendMessage } from './message-splitter.js';
import { captureError } from './postgres-error.js';
import { parseReplicationFrame, statusUpdate, type ReplicationFrame } from './replication-frame.js';

export interface ReplicationLimits {
  /** Bytes read from the socket ahead of the consumer; a message larger than this is read whole all the same. */
  readonly readAheadBytes: number;
  /** The largest protocol message that is accepted, thus the largest row. */
  readonly messageBytesMax: number;
}

const COPY_DONE = Buffer.from('6300000004', 'hex');
const TERMINATE = Buffer.from('5800000004', 'hex');
const CLOSE_WAIT_MS = 2_000;
/** A shutting-down server asks again after every answer: this paces the answers. */
const REPLY_PAUSE_MS = 100;

/**
 * A connection that streams from a slot. node-postgres connects it (TLS, SCRAM, the startup) and is then taken off the socket: its own reader would turn every
 * message into an event with no way to say "not now", and its buffers are reused under slices that were handed out. Here the socket is paused while more than
 * `readAheadBytes` wait, so the consumer's pace reaches the walsender through TCP, and the status timer keeps the walsender from giving up meanwhile.
 *
 * States: connected (plain queries) -> streaming -> ended (by us) or failed (the error is thrown by every later read).
 */
export class ReplicationConnection {
  private readonly socket: Duplex;
  private readonly splitter: MessageSplitter;
  private failure: TrucError | null = null;
  private closed = false;
  private wake: (() => void) | null = null;
  private statusTimer: NodeJS.Timeout | null = null;
  private replyTimer: NodeJS.Timeout | null = null;
  private repliedAtMs = 0;

  constructor(
    private readonly client: Client,
    private readonly limits: ReplicationLimits,
    private readonly clock: Clock,
    private readonly confirmed: () => Lsn,
  ) {
    this.socket = client.connection.stream;
    this.splitter = new MessageSplitter(limits.messageBytesMax);
  }

  /** Bytes that were read and not yet consumed. */
  get bytesHeld(): number {
    return this.splitter.bytes;
  }

  /**
   * @param statusIntervalMs how often the confirmed position is told even if nothing is asked; well below wal_sender_timeout
   * @throws TrucError CAPTURE_SLOT_ACTIVE (retry), CAPTURE_OBJECT_MISSING, CAPTURE_SLOT_LOST and others
   */
  async start(slot: string, publication: string, statusIntervalMs: number): Promise<void> {
    this.socket.removeAllListeners('data');
    this.socket.on('data', this.onData);
    this.client.on('error', (error) => this.fail(captureError(error, `reading from the slot "${slot}"`)));
    this.client.on('end', () => this.fail(captureError(new Error('the server closed the connection'), `reading from the slot "${slot}"`)));
    const publications = escapeLiteral(escapeIdentifier(publication));
    this.client.connection.query(
      `START_REPLICATION SLOT ${escapeIdentifier(slot)} LOGICAL 0/0 (proto_version '1', publication_names ${publications}, messages 'true')`,
    );
    for (;;) {
      const message = this.splitter.next();
      if (message === null) await this.wait(null);
      else if (message.type === 'W') break;
      else this.interpret(message, `starting to read from the slot "${slot}"`);
    }
    this.statusTimer = setInterval(() => this.sendStatus(), statusIntervalMs);
    this.sendStatus();
  }

  /** The next frame that is already here, or null. @throws TrucError what ended the stream */
  next(): ReplicationFrame | null {
    const message = this.splitter.next();
    // What came ahead of a lost connection is read first: the last of it may be the server's own word on why.
    if (message === null && this.failure !== null) throw this.failure;
    if (this.splitter.bytes < this.limits.readAheadBytes && !this.closed) this.socket.resume();
    if (message === null) return null;
    if (message.type !== 'd') {
      this.interpret(message, 'streaming');
      return this.next();
    }
    const frame = parseReplicationFrame(message.body);
    if (frame.kind === 'keepalive' && frame.replyRequested) this.reply();
    return frame;
  }

  /** Resolves when there may be more to read, when `interrupt` is called, or after `timeoutMs`. @throws TrucError what ended the stream */
  async wait(timeoutMs: number | null): Promise<void> {
    if (this.splitter.hasMessage) return;
    if (this.failure !== null) throw this.failure;
    await new Promise<void>((resolve) => {
      const timer = timeoutMs === null ? null : setTimeout(resolve, timeoutMs);
      this.wake = () => {
        if (timer !== null) clearTimeout(timer);
        resolve();
      };
    });
    this.wake = null;
  }

  interrupt(): void {
    this.wake?.();
  }

  /** Ends the stream with `error` at the reader's next step. The first error stays. */
  fail(error: TrucError): void {
    if (this.closed) return;
    this.failure ??= error;
    this.wake?.();
  }

  sendStatus(): void {
    if (this.closed || !this.socket.writable) return;
    this.repliedAtMs = this.clock.now();
    this.socket.write(statusUpdate(this.confirmed(), this.repliedAtMs));
  }

  /** Tells the last confirmed position and leaves; waits for the server to let go of the slot, a bounded time. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.sendStatus();
    this.closed = true;
    if (this.statusTimer !== null) clearInterval(this.statusTimer);
    if (this.replyTimer !== null) clearTimeout(this.replyTimer);
    this.socket.removeListener('data', this.onData);
    if (this.socket.destroyed) return;
    const gone = new Promise<void>((resolve) => this.socket.once('close', resolve));
    // What is still on its way is not ours any more; unread, it would keep the socket from closing.
    this.socket.resume();
    if (this.socket.writable) this.socket.end(Buffer.concat([COPY_DONE, TERMINATE]));
    const timer = setTimeout(() => this.socket.destroy(), CLOSE_WAIT_MS);
    await gone;
    clearTimeout(timer);
  }

  private readonly onData = (chunk: Buffer): void => {
    this.splitter.push(chunk);
    try {
      if (this.splitter.bytes >= this.limits.readAheadBytes && this.splitter.hasMessage) this.socket.pause();
    } catch (error) {
      this.fail(captureError(error, 'reading from the source'));
    }
    this.wake?.();
  };

  private reply(): void {
    if (this.clock.now() - this.repliedAtMs >= REPLY_PAUSE_MS) return this.sendStatus();
    this.replyTimer ??= setTimeout(() => {
      this.replyTimer = null;
      this.sendStatus();
    }, REPLY_PAUSE_MS);
  }

  /** Anything that is not data: errors and the end of the stream throw, notices and parameters are let pass. */
  private interpret({ type, body }: BackendMessage, doing: string): void {
    if (type === 'E') throw captureError(serverError(body), doing);
    if (type === 'c' || type === 'C' || type === 'Z') {
      throw captureError(new Error('the server ended the stream; it is probably shutting down'), doing);
    }
  }
}

/** The fields of ErrorResponse as an error with its SQLSTATE as `code`. */
function serverError(body: Buffer): Error & { code: string } {
  const reader = new ByteReader(body, 'ErrorResponse', 0n);
  const fields = new Map<number, string>();
  for (let field = reader.uint8(); field !== 0; field = reader.uint8()) fields.set(field, reader.cstring());
  const field = (letter: string) => fields.get(letter.charCodeAt(0)) ?? '';
  const hint = field('H') === '' ? '' : ` (${field('H')})`;
  return Object.assign(new Error(`${field('M')}${hint}`), { code: field('C') });
}
