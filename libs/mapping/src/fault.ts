/**
 * Why a value could not be mapped. A fault says what was expected and never carries the value itself, so it may be logged, counted and shown to anybody.
 *
 * Faults are values rather than exceptions: a bad row is ordinary traffic, and throwing would cost more than mapping.
 */
export class Fault {
  readonly reason: string;
  /** The value rule that it falls under: V1 where there is no code to be had. */
  readonly rule: 'V1' | 'V2';

  constructor(reason: string, rule: 'V1' | 'V2' = 'V2') {
    this.reason = reason;
    this.rule = rule;
  }
}

/** What a transform makes of a text: another text, nothing, or a reason why not. */
export type Stepped = string | null | Fault;
