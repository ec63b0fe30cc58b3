/** Nobody needs to be told of what is over in a moment. */
const silentMs = 2000;
const everyMs = 2000;

/** Tells on stderr how far a long reading is, a line every two seconds. */
export class ProgressLine {
  readonly #errors: NodeJS.WriteStream;
  readonly #unit: string;
  readonly #now: () => number;
  #nextAt: number;

  constructor(
    errors: NodeJS.WriteStream,
    { unit = 'offsets', now = () => performance.now() }: { readonly unit?: string; readonly now?: () => number } = {},
  ) {
    this.#errors = errors;
    this.#unit = unit;
    this.#now = now;
    this.#nextAt = now() + silentMs;
  }

  tell(what: string, done: number, of: number): void {
    const now = this.#now();
    if (now < this.#nextAt) return;
    this.#nextAt = now + everyMs;
    const percent = of === 0 ? 100 : Math.floor((100 * done) / of);
    this.#errors.write(`${what}: ${percent} % of ${of.toLocaleString('en')} ${this.#unit}\n`);
  }
}
