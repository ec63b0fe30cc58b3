export interface EventuallyOptions {
  /** How long the condition may take. Generous by default: it bounds a failure, not a success. */
  readonly timeoutMs?: number;
  readonly intervalMs?: number;
  /** What is waited for, for the message. */
  readonly description?: string;
}

/**
 * Repeats `check` until it neither throws nor returns false (nor a promise of either), and returns what it returned.
 * When the time is over it throws the last failure of `check` as cause, so that a test shows what was still wrong.
 */
export async function eventually<T>(check: () => T | Promise<T>, options: EventuallyOptions = {}): Promise<Exclude<T, false>> {
  const { timeoutMs = 30_000, intervalMs = 50, description } = options;
  const deadline = performance.now() + timeoutMs;
  for (let attempts = 1; ; attempts++) {
    let failure: unknown;
    try {
      const result = await check();
      if (result !== false) return result as Exclude<T, false>;
      failure = new Error('the check returned false');
    } catch (error) {
      failure = error;
    }
    if (performance.now() >= deadline) {
      const last = failure instanceof Error ? failure.message : String(failure);
      throw new Error(
        `${description ?? 'the condition'} did not come true within ${timeoutMs} ms (${attempts} attempts); the last one: ${last}`,
        { cause: failure },
      );
    }
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}
