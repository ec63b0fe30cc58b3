import type { Socket } from 'node:net';
import type { LineConditions } from './tcp-proxy.js';

interface Parcel {
  /** Null is the end of the stream. */
  readonly bytes: Buffer | null;
  readonly dueAtMs: number;
}

/** Largest number of bytes under way; beyond it the sender is not read. */
const underWayBytesMax = 1024 * 1024;

/**
 * One direction of a connection: bytes leave in their order, each not before its time.
 *
 * States: flowing (the sender is read), full (too much is under way: the sender is not read), swallowing (a black hole: what comes is dropped), stopped.
 */
export class LineDirection {
  readonly #from: Socket;
  readonly #to: Socket;
  #conditions: LineConditions;
  #parcels: Parcel[] = [];
  #underWayBytes = 0;
  #timer: NodeJS.Timeout | null = null;
  #isBlocked = false;
  #isStopped = false;
  /** When the narrow line has passed all that it was given, in milliseconds of performance.now(). */
  #freeAtMs = 0;

  constructor(from: Socket, to: Socket, conditions: LineConditions) {
    this.#from = from;
    this.#to = to;
    this.#conditions = conditions;
    from.on('data', (bytes: Buffer) => this.#take(bytes));
    from.once('end', () => this.#take(null));
    to.on('drain', () => {
      this.#isBlocked = false;
      this.#send();
    });
    from.resume();
  }

  /** Bytes that are under way keep the time that they were given. */
  set(conditions: LineConditions): void {
    this.#conditions = conditions;
    if (conditions.state === 'black-hole') this.#forget();
    this.#send();
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#forget();
  }

  #forget(): void {
    this.#parcels = [];
    this.#underWayBytes = 0;
  }

  #take(bytes: Buffer | null): void {
    const { state, delayMs, bytesPerSecond } = this.#conditions;
    if (this.#isStopped || state === 'black-hole') return;
    const now = performance.now();
    if (bytesPerSecond !== null) this.#freeAtMs = Math.max(now, this.#freeAtMs) + ((bytes?.length ?? 0) * 1_000) / bytesPerSecond;
    const through = bytesPerSecond === null ? now : this.#freeAtMs;
    this.#parcels.push({ bytes, dueAtMs: through + delayMs });
    this.#underWayBytes += bytes?.length ?? 0;
    if (this.#underWayBytes >= underWayBytesMax) this.#from.pause();
    this.#send();
  }

  #send(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    while (!this.#isBlocked && !this.#isStopped) {
      const [first] = this.#parcels;
      if (first === undefined) break;
      const waitMs = first.dueAtMs - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#send(), Math.ceil(waitMs));
        return;
      }
      this.#parcels.shift();
      this.#underWayBytes -= first.bytes?.length ?? 0;
      if (first.bytes === null) this.#to.end();
      else this.#isBlocked = !this.#to.write(first.bytes);
    }
    if (!this.#isStopped && this.#underWayBytes < underWayBytesMax) this.#from.resume();
  }
}
