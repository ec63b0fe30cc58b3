import { TrucError } from '@truc/kernel';

export type PatternNode =
  | { readonly kind: 'set'; readonly contains: (codePoint: number) => boolean }
  | { readonly kind: 'sequence' | 'choice'; readonly items: readonly PatternNode[] }
  | { readonly kind: 'repeat'; readonly item: PatternNode; readonly min: number; readonly max: number | null };

const patternLengthMax = 500;
const groupDepthMax = 16;
const repeatMax = 1000;

/** Parses an anchored pattern. @throws TrucError DICTIONARY_PATTERN_INVALID naming the character where it stops */
export function parsePattern(pattern: string): PatternNode {
  return new PatternParser(pattern).parse();
}

class PatternParser {
  private at = 0;
  private depth = 0;
  private readonly characters: readonly string[];

  constructor(private readonly pattern: string) {
    if (pattern.length > patternLengthMax) throw this.error(`it is longer than ${patternLengthMax} characters`);
    this.characters = [...pattern];
  }

  parse(): PatternNode {
    if (this.characters[0] !== '^' || this.characters.at(-1) !== '$' || this.characters.at(-2) === '\\') {
      throw this.error('it has to begin with ^ and end with $');
    }
    this.at = 1;
    const node = this.choice();
    if (this.at !== this.characters.length - 1) throw this.error(`unexpected ${this.peek() ?? 'end'}`);
    // `^a|b$` anchors each alternative on one side only, which nobody means.
    if (node.kind === 'choice') throw this.error('put alternatives in a group: ^(a|b)$');
    return node;
  }

  private choice(): PatternNode {
    const items = [this.sequence()];
    while (this.peek() === '|') {
      this.at++;
      items.push(this.sequence());
    }
    return items.length === 1 ? items[0]! : { kind: 'choice', items };
  }

  private sequence(): PatternNode {
    const items: PatternNode[] = [];
    for (let next = this.peek(); next !== undefined && next !== '|' && next !== ')' && next !== '$'; next = this.peek()) {
      items.push(this.repeated());
    }
    return { kind: 'sequence', items };
  }

  private repeated(): PatternNode {
    const item = this.atom();
    const count = this.count();
    if (count === null) return item;
    const next = this.peek();
    if (next !== undefined && '?*+{'.includes(next)) throw this.error('a repetition of a repetition; use a group');
    return { kind: 'repeat', item, ...count };
  }

  private count(): { min: number; max: number | null } | null {
    switch (this.peek()) {
      case '?':
        this.at++;
        return { min: 0, max: 1 };
      case '*':
        this.at++;
        return { min: 0, max: null };
      case '+':
        this.at++;
        return { min: 1, max: null };
      case '{': {
        const match = /^\{([0-9]{1,4})(?:(,)([0-9]{1,4})?)?\}/.exec(this.characters.slice(this.at).join(''));
        if (match === null) throw this.error('a count is {n}, {n,} or {n,m}');
        const [text, low, comma, high] = match;
        const min = Number(low);
        const max = comma === undefined ? min : high === undefined ? null : Number(high);
        if ((max ?? min) > repeatMax || (max !== null && max < min))
          throw this.error(`the count ${text} is out of order or above ${repeatMax}`);
        this.at += text.length;
        return { min, max };
      }
      default:
        return null;
    }
  }

  private atom(): PatternNode {
    const next = this.take();
    switch (next) {
      case '(':
        return this.group();
      case '[':
        return { kind: 'set', contains: this.charClass() };
      case '.':
        return {
          kind: 'set',
          contains: (codePoint) => codePoint !== 0x0a && codePoint !== 0x0d && codePoint !== 0x2028 && codePoint !== 0x2029,
        };
      case '\\':
        return { kind: 'set', contains: this.escape() };
      case '^':
      case '?':
      case '*':
      case '+':
      case '{':
      case '}':
      case ']':
        throw this.error(`unexpected ${next}; write \\${next} for the character itself`);
      default:
        return { kind: 'set', contains: single(next.codePointAt(0)!) };
    }
  }

  private group(): PatternNode {
    if (this.peek() === '?') {
      this.at++;
      if (this.take() !== ':') throw this.error('look-around and named groups are not allowed');
    }
    if (++this.depth > groupDepthMax) throw this.error(`groups are nested deeper than ${groupDepthMax}`);
    const node = this.choice();
    if (this.take() !== ')') throw this.error('a group is not closed');
    this.depth--;
    return node;
  }

  private charClass(): (codePoint: number) => boolean {
    const negated = this.peek() === '^';
    if (negated) this.at++;
    const parts: ((codePoint: number) => boolean)[] = [];
    while (this.peek() !== ']') {
      const [low, set] = this.classMember();
      if (set !== null || this.peek() !== '-' || this.characters[this.at + 1] === ']') {
        parts.push(set ?? single(low));
        continue;
      }
      this.at++;
      const [high, other] = this.classMember();
      if (other !== null || high < low) throw this.error('a range of a class is out of order');
      parts.push((codePoint) => codePoint >= low && codePoint <= high);
    }
    this.at++;
    if (parts.length === 0) throw this.error('a class is empty');
    return (codePoint) => parts.some((contains) => contains(codePoint)) !== negated;
  }

  private classMember(): [number, ((codePoint: number) => boolean) | null] {
    const next = this.take();
    if (next !== '\\') return [next.codePointAt(0)!, null];
    const escaped = this.peek() ?? '';
    return [escaped.codePointAt(0) ?? 0, this.escape()];
  }

  private escape(): (codePoint: number) => boolean {
    const next = this.take();
    const isDigit = (codePoint: number) => codePoint >= 48 && codePoint <= 57;
    if (next === 'd') return isDigit;
    if (next === 'w') return (codePoint) => isDigit(codePoint) || codePoint === 95 || ((codePoint | 32) - 97) >>> 0 < 26;
    if (next === 's') return (codePoint) => /\s/.test(String.fromCodePoint(codePoint));
    if (/[0-9A-Za-z]/.test(next)) throw this.error(`\\${next} is not allowed (no back-references, no boundaries)`);
    return single(next.codePointAt(0)!);
  }

  private peek(): string | undefined {
    return this.characters[this.at];
  }

  private take(): string {
    const next = this.characters[this.at];
    if (next === undefined) throw this.error('it ends too early');
    this.at++;
    return next;
  }

  private error(what: string): TrucError {
    return new TrucError(
      'DICTIONARY_PATTERN_INVALID',
      `the pattern ${this.pattern.slice(0, 100)} cannot be used: ${what} (at character ${this.at + 1})`,
    );
  }
}

function single(expected: number): (codePoint: number) => boolean {
  return (codePoint) => codePoint === expected;
}
