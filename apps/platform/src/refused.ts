import type { Problem } from '@truc/coordination';

/** Thrown to leave an apply without a trace. */
export class Refused extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super('there are problems');
    this.problems = problems;
  }
}
