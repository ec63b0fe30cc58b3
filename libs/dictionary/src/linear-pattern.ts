import { TrucError } from '@truc/kernel';
import { parsePattern, type PatternNode } from './pattern-syntax.js';

/** Positions that a pattern may have after its repetitions are written out. */
const positionsMax = 2000;
/** Automaton states that are kept; beyond them the table starts anew, which costs time and no correctness. */
const statesMax = 512;
/** Characters below this have their class in a table. */
const tableSize = 256;

interface Fragment {
  readonly nullable: boolean;
  readonly first: readonly number[];
  readonly last: readonly number[];
}

interface State {
  readonly accepts: boolean;
  readonly positions: readonly number[];
  /** By character class; null is not yet computed, `dead` leads nowhere. */
  readonly next: (State | null)[];
}

/**
 * A test for a pattern, in time proportional to the text whatever the pattern: every position of the pattern that the text could stand at is followed at once, so there is nothing to backtrack.
 *
 * The pattern is anchored (`^...$`) and is made of characters, `.`, classes, `\d`, `\w`, groups, `|` and the repetitions `?`, `*`, `+`, `{n}`, `{n,}`, `{n,m}`.
 * @throws TrucError DICTIONARY_PATTERN_INVALID
 */
export function linearPattern(pattern: string): (text: string) => boolean {
  return new PatternAutomaton(parsePattern(pattern), pattern).compile();
}

class PatternAutomaton {
  private readonly charsets: ((codePoint: number) => boolean)[] = [];
  private readonly follow: Set<number>[] = [];
  private readonly start: Fragment;

  constructor(
    node: PatternNode,
    private readonly pattern: string,
  ) {
    this.start = this.build(node);
  }

  compile(): (text: string) => boolean {
    const last = new Set(this.start.last);
    const dead: State = { accepts: false, positions: [], next: [] };
    let states = new Map<string, State>();
    const stateOf = (positions: readonly number[]): State => {
      if (positions.length === 0) return dead;
      const key = positions.join();
      const found = states.get(key);
      if (found !== undefined) return found;
      if (states.size >= statesMax) states = new Map();
      const state: State = { accepts: positions.some((position) => last.has(position)), positions, next: [] };
      states.set(key, state);
      return state;
    };
    const classes = this.classes();
    const step = (state: State, from: Iterable<number>, codePoint: number, index: number): State => {
      const reached = [...new Set(from)].filter((position) => this.charsets[position]!(codePoint)).sort((a, b) => a - b);
      const next = stateOf(reached);
      state.next[index] = next;
      return next;
    };
    const followers = (state: State): Set<number> => {
      const all = new Set<number>();
      for (const position of state.positions) for (const next of this.follow[position]!) all.add(next);
      return all;
    };
    const initial: State = { accepts: this.start.nullable, positions: [], next: [] };
    return (text) => {
      let state = initial;
      for (let at = 0; at < text.length; at++) {
        let codePoint = text.charCodeAt(at);
        if (codePoint >= 0xd800 && codePoint <= 0xdbff) {
          codePoint = text.codePointAt(at)!;
          if (codePoint > 0xffff) at++;
        }
        const index = codePoint < tableSize ? classes.table[codePoint]! : classes.of(codePoint);
        state = state.next[index] ?? step(state, state === initial ? this.start.first : followers(state), codePoint, index);
        if (state === dead) return false;
      }
      return state.accepts;
    };
  }

  /** Characters that no set of the pattern tells apart share a class. */
  private classes(): { table: Uint16Array; of: (codePoint: number) => number } {
    const known = new Map<string, number>();
    const distinct = [...new Set(this.charsets)];
    const of = (codePoint: number): number => {
      const signature = distinct.map((contains) => (contains(codePoint) ? '1' : '0')).join('');
      const found = known.get(signature);
      if (found !== undefined) return found;
      known.set(signature, known.size);
      return known.size - 1;
    };
    return { table: Uint16Array.from({ length: tableSize }, (_, codePoint) => of(codePoint)), of };
  }

  private build(node: PatternNode): Fragment {
    switch (node.kind) {
      case 'set': {
        const position = this.charsets.push(node.contains) - 1;
        this.follow.push(new Set());
        if (position >= positionsMax) {
          throw new TrucError('DICTIONARY_PATTERN_INVALID', `the pattern ${this.pattern} is too large with its repetitions written out`);
        }
        return { nullable: false, first: [position], last: [position] };
      }
      case 'sequence':
        return node.items.map((item) => this.build(item)).reduce((left, right) => this.join(left, right), empty);
      case 'choice': {
        const branches = node.items.map((item) => this.build(item));
        return {
          nullable: branches.some(({ nullable }) => nullable),
          first: branches.flatMap(({ first }) => first),
          last: branches.flatMap(({ last }) => last),
        };
      }
      case 'repeat':
        return this.repeat(node.item, node.min, node.max);
    }
  }

  private repeat(item: PatternNode, min: number, max: number | null): Fragment {
    let whole = empty;
    for (let count = 0; count < min; count++) whole = this.join(whole, this.build(item));
    if (max === null) {
      const loop = this.build(item);
      for (const position of loop.last) for (const next of loop.first) this.follow[position]!.add(next);
      return this.join(whole, { ...loop, nullable: true });
    }
    // a{2,4} is aa(a(a)?)?: built from the inside out.
    let optional = empty;
    for (let count = min; count < max; count++) optional = { ...this.join(this.build(item), optional), nullable: true };
    return this.join(whole, optional);
  }

  private join(left: Fragment, right: Fragment): Fragment {
    for (const position of left.last) for (const next of right.first) this.follow[position]!.add(next);
    return {
      nullable: left.nullable && right.nullable,
      first: left.nullable ? [...left.first, ...right.first] : left.first,
      last: right.nullable ? [...left.last, ...right.last] : right.last,
    };
  }
}

const empty: Fragment = { nullable: true, first: [], last: [] };
