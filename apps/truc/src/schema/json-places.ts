/** Line and column, both from 1, in UTF-16 units as editors count them. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

// Comments too, which Avro's Java library lets stand in a schema.
const blank = /(?:[\t\n\r ]|\/\*[^]*?\*\/|\/\/[^\n\r]*)*/y;
// JSON forbids bare control characters in strings.
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const scalar = /(?:true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)(?![A-Za-z0-9_.])/y;

class SyntaxAt extends Error {
  constructor(readonly offset: number) {
    super('not JSON');
  }
}

/** Where the parts of a JSON text stand, by their path: `$.fields[3].type`. The text is nested no deeper than a schema may be. */
export class JsonPlaces {
  readonly #text: string;
  readonly #offsets = new Map<string, number>();
  /** Where the text stops being JSON; null where it is JSON. */
  readonly syntaxError: TextPlace | null;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    let wrong: TextPlace | null = null;
    try {
      this.#value('$');
      this.#skip(blank);
      if (this.#at < text.length) throw new SyntaxAt(this.#at);
    } catch (error) {
      if (!(error instanceof SyntaxAt)) throw error;
      wrong = placeAt(text, error.offset);
    }
    this.syntaxError = wrong;
  }

  /** The place of a path, or of the nearest part around it that is there. */
  of(path: string): TextPlace {
    for (let nearest = path; nearest !== ''; nearest = nearest.replace(/(\.[^.[\]]*|\[[0-9]+\]|[^.[\]]+)$/, '')) {
      const offset = this.#offsets.get(nearest);
      if (offset !== undefined) return placeAt(this.#text, offset);
    }
    return { line: 1, column: 1 };
  }

  #value(path: string): void {
    this.#skip(blank);
    const start = this.#at;
    this.#offsets.set(path, start);
    switch (this.#text[start]) {
      case '{':
        return this.#list('}', () => {
          const key = JSON.parse(this.#token(string)) as string;
          this.#sign(':');
          this.#value(`${path}.${key}`);
        });
      case '[': {
        let index = 0;
        return this.#list(']', () => this.#value(`${path}[${index++}]`));
      }
      case '"':
        this.#token(string);
        return;
      default:
        this.#token(scalar);
    }
  }

  #list(end: string, item: () => void): void {
    this.#at += 1;
    this.#skip(blank);
    if (this.#text[this.#at] === end) {
      this.#at += 1;
      return;
    }
    for (;;) {
      this.#skip(blank);
      item();
      this.#skip(blank);
      const sign = this.#text[this.#at];
      if (sign !== ',' && sign !== end) throw new SyntaxAt(this.#at);
      this.#at += 1;
      if (sign === end) return;
    }
  }

  #sign(wanted: string): void {
    this.#skip(blank);
    if (this.#text[this.#at] !== wanted) throw new SyntaxAt(this.#at);
    this.#at += 1;
  }

  #token(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [token] = pattern.exec(this.#text) ?? [];
    if (token === undefined) throw new SyntaxAt(this.#at);
    this.#at += token.length;
    return token;
  }

  #skip(pattern: RegExp): void {
    pattern.lastIndex = this.#at;
    this.#at += pattern.exec(this.#text)?.[0].length ?? 0;
  }
}

export function placeAt(text: string, offset: number): TextPlace {
  const before = text.slice(0, offset);
  const line = before.split(/\r\n|\r|\n/);
  return { line: line.length, column: (line.at(-1)?.length ?? 0) + 1 };
}
