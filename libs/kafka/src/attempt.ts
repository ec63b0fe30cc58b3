import type { Clock } from '@truc/kernel';
import { setTimeout as delay } from 'node:timers/promises';

/** Pauses between attempts: doubling from `firstMs` to `mostMs`, until `limitMs` after the first one. */
export class Attempts {
  readonly #clock: Clock;
  readonly #until: number;
  readonly #mostMs: number;
  readonly #signal: AbortSignal | undefined;
  #pauseMs: number;

  constructor(
    clock: Clock,
    {
      limitMs,
      firstMs = 20,
      mostMs = 1_000,
      signal,
    }: { limitMs: number; firstMs?: number; mostMs?: number; signal?: AbortSignal | undefined },
  ) {
    this.#clock = clock;
    this.#until = clock.now() + limitMs;
    this.#pauseMs = firstMs;
    this.#mostMs = mostMs;
    this.#signal = signal;
  }

  get over(): boolean {
    return this.#clock.now() >= this.#until;
  }

  /** @throws the signal's reason when it aborts */
  async pause(): Promise<void> {
    this.#signal?.throwIfAborted();
    const pauseMs = this.#pauseMs;
    this.#pauseMs = Math.min(pauseMs * 2, this.#mostMs);
    await delay(pauseMs, undefined, this.#signal ? { signal: this.#signal } : {});
  }
}

/** First pause of a new row of attempts in a trouble that has lasted for `troubledMs`: short at first, then longer. */
export function pauseAfter(troubledMs: number): number {
  return Math.min(Math.max(20, troubledMs / 4), 1_000);
}
