import type { Language } from '@truc/kernel';
import { problemCatalogue, type ProblemCode } from './problem-catalogue.js';

/** Something wrong in a document that a person wrote, at the exact place. `code` is stable; the sentences are for people. */
export interface Problem {
  readonly file: string;
  /** From 1; 1 where the place lies in a document that was applied earlier. */
  readonly line: number;
  /** From 1, in characters. */
  readonly column: number;
  readonly code: ProblemCode;
  readonly message: string;
  readonly hint?: string;
}

export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Texts quoted from a document are cut to this many characters, so that a message stays readable whatever was written. */
const quotedLengthMax = 120;
/** A reason is a sentence of ours, which may quote. */
const reasonLengthMax = 600;

function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{([a-zA-Z]+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    // A statement that we compose is to be run as it is; names of tables and columns bound it.
    const lengthMax = name === 'sql' ? Infinity : name === 'reason' ? reasonLengthMax : quotedLengthMax;
    return value.length > lengthMax ? `${value.slice(0, lengthMax)}...` : value;
  });
}

/** Collects every problem of one parse, in the reader's language; beyond `limit` only the count goes on. */
export class ProblemList {
  readonly #problems: Problem[] = [];
  readonly language: Language;
  readonly #limit: number;
  #count = 0;

  constructor(language: Language, limit = 1000) {
    this.language = language;
    this.#limit = limit;
  }

  add(place: Place, code: ProblemCode, values: Readonly<Record<string, string>> = {}): void {
    this.#count += 1;
    if (this.#problems.length >= this.#limit) return;
    const entry = problemCatalogue[code];
    const { file, line, column } = place;
    const hint = 'hint' in entry ? fill(entry.hint[this.language], values) : undefined;
    const message = fill(entry.message[this.language], values);
    this.#problems.push({ file, line, column, code, message, ...(hint === undefined || hint === '' ? {} : { hint }) });
  }

  /** True where a further problem would only be counted: its place and its words need not be found. */
  get isFull(): boolean {
    return this.#problems.length >= this.#limit;
  }

  get count(): number {
    return this.#count;
  }

  /** In the order of files and lines; the last one says how many were left out, if any were. */
  list(): Problem[] {
    const sorted = this.#problems.toSorted(
      (a, b) => a.file.localeCompare(b.file, 'en') || a.line - b.line || a.column - b.column || a.code.localeCompare(b.code, 'en'),
    );
    const last = sorted.at(-1);
    if (last !== undefined && this.#count > sorted.length) {
      const message = fill(problemCatalogue.DOCUMENT_PROBLEMS_MANY.message[this.language], { count: String(this.#count - sorted.length) });
      sorted.push({ file: last.file, line: last.line, column: last.column, code: 'DOCUMENT_PROBLEMS_MANY', message });
    }
    return sorted;
  }
}
