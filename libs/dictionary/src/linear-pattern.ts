import { TrucError } from '@truc/kernel';
import { isLargeGraph, PatternGraph } from './pattern-graph.js';
import { parsePattern } from './pattern-syntax.js';
import { PositionSet } from './position-set.js';

/** Code points of a text that a domain with a pattern may allow: together with the size of a pattern they bound what judging one value costs. */
export const patternTextMax = 1000;

/** Automaton states that are kept; beyond them the table starts anew, which costs time and no correctness. */
const statesMax = 512;
/** Characters below this have their class in a table. */
const tableSize = 256;
/** Other characters whose class is kept. */
const othersMax = 4096;

interface State {
  readonly accepts: boolean;
  readonly positions: PositionSet;
  /** By character class; undefined is not yet computed, `dead` leads nowhere. */
  readonly next: (State | undefined)[];
}

/** Characters that no set of the pattern tells apart. */
interface CharacterClass {
  readonly index: number;
  /** The positions that take a character of the class. */
  readonly takenBy: PositionSet;
}

/**
 * A test for a pattern, in time proportional to the text whatever the pattern: every position of the pattern that the text could stand at is followed at once, so there is nothing to backtrack.
 *
 * The pattern is anchored (`^...$`) and is made of characters, `.`, classes, `\d`, `\w`, groups, `|` and the repetitions `?`, `*`, `+`, `{n}`, `{n,}`, `{n,m}`.
 * @throws TrucError DICTIONARY_PATTERN_INVALID
 */
export function linearPattern(pattern: string): (text: string) => boolean {
  const graph = PatternGraph.of(parsePattern(pattern));
  if (graph === null) {
    const told = `the pattern ${pattern.slice(0, 100)} is too large with its repetitions written out`;
    throw new TrucError('DICTIONARY_PATTERN_INVALID', told);
  }
  const classes = new CharacterClasses(graph);
  const none = new PositionSet(graph.size);
  const dead: State = { accepts: false, positions: none, next: [] };
  const initial: State = { accepts: graph.acceptsNothing, positions: none, next: [] };
  const states = new Map<string, State>();
  const step = (state: State, { index, takenBy }: CharacterClass): State => {
    const reached = (state === initial ? graph.first : graph.following(state.positions)).and(takenBy);
    const next = reached.isEmpty ? dead : stateOf(reached);
    state.next[index] = next;
    return next;
  };
  const stateOf = (positions: PositionSet): State => {
    const { key } = positions;
    const found = states.get(key);
    if (found !== undefined) return found;
    if (states.size >= statesMax) {
      // Both hold on to states, and each state to those behind it.
      states.clear();
      initial.next.length = 0;
    }
    const state: State = { accepts: positions.meets(graph.last), positions, next: [] };
    states.set(key, state);
    return state;
  };
  return (text) => {
    let state = initial;
    for (let at = 0; at < text.length; at++) {
      let codePoint = text.charCodeAt(at);
      if (codePoint >= 0xd800 && codePoint <= 0xdbff) {
        codePoint = text.codePointAt(at)!;
        if (codePoint > 0xffff) at++;
      }
      const one = codePoint < tableSize ? classes.table[codePoint]! : classes.of(codePoint);
      state = state.next[one.index] ?? step(state, one);
      if (state === dead) return false;
    }
    return state.accepts;
  };
}

/** Whether it is larger than a new release may have it; one that was made earlier is matched all the same. False of what is no pattern. */
export function isLargePattern(pattern: string): boolean {
  try {
    return isLargeGraph(parsePattern(pattern));
  } catch {
    // It is told where it is read.
    return false;
  }
}

class CharacterClasses {
  readonly table: readonly CharacterClass[];
  private readonly sets: readonly ((codePoint: number) => boolean)[];
  private readonly known = new Map<string, CharacterClass>();
  private readonly others = new Map<number, CharacterClass>();

  constructor(private readonly graph: PatternGraph) {
    this.sets = [...new Set(graph.charsets)];
    this.table = Array.from({ length: tableSize }, (_, codePoint) => this.find(codePoint));
  }

  of(codePoint: number): CharacterClass {
    const found = this.others.get(codePoint);
    if (found !== undefined) return found;
    if (this.others.size >= othersMax) this.others.clear();
    const one = this.find(codePoint);
    this.others.set(codePoint, one);
    return one;
  }

  private find(codePoint: number): CharacterClass {
    const holding = this.sets.map((contains) => contains(codePoint));
    const key = holding.map((holds) => (holds ? '1' : '0')).join('');
    const found = this.known.get(key);
    if (found !== undefined) return found;
    const taking = new Set(this.sets.filter((_, index) => holding[index]));
    const takenBy = new PositionSet(this.graph.size);
    for (const [position, charset] of this.graph.charsets.entries()) if (taking.has(charset)) takenBy.add(position);
    const one = { index: this.known.size, takenBy };
    this.known.set(key, one);
    return one;
  }
}
