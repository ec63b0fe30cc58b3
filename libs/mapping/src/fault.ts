/**
 * Why a value could not be mapped. A fault says what was expected and never carries the value itself, so it may be logged, counted and shown to anybody.
 *
 * Faults are values rather than exceptions: a bad row is ordinary traffic, and throwing would cost more than mapping.
 */
export class Fault {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** What a transform makes of a text: another text, nothing, or a reason why not. */
export type Stepped = string | null | Fault;
