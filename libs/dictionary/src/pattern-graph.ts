import type { PatternNode } from './pattern-syntax.js';
import { PositionSet } from './position-set.js';

/** Positions that a pattern of a new release may have after its repetitions are written out. What a character of a text costs at most goes with it. */
const newPositionsMax = 512;
/** The same of any pattern, because releases that were made before the bound stay readable. */
const positionsMax = 2000;
/** With everything that has no position: groups around nothing could be repeated without end. */
const newNodesMax = 4096;
const nodesMax = 16 * 1024;

interface Fragment {
  readonly nullable: boolean;
  readonly first: PositionSet;
  readonly last: PositionSet;
}

/** Where a text can stand in a pattern: a position for each of its characters, with repetitions written out, and which may follow which. */
export class PatternGraph {
  /** By position: what it takes. */
  readonly charsets: ((codePoint: number) => boolean)[] = [];
  readonly first: PositionSet;
  readonly last: PositionSet;
  readonly acceptsNothing: boolean;
  private readonly follow: PositionSet[] = [];
  private readonly empty: Fragment;

  /** @returns null for a pattern that is too large, which is known before it is written out */
  static of(node: PatternNode): PatternGraph | null {
    const { positions, nodes } = extentOf(node);
    return positions > positionsMax || nodes > nodesMax ? null : new PatternGraph(node, positions);
  }

  private constructor(
    node: PatternNode,
    readonly size: number,
  ) {
    this.empty = { nullable: true, first: new PositionSet(size), last: new PositionSet(size) };
    const whole = this.build(node);
    this.first = whole.first;
    this.last = whole.last;
    this.acceptsNothing = whole.nullable;
  }

  /** Everything that may follow one of the positions. */
  following(positions: PositionSet): PositionSet {
    const all = new PositionSet(this.size);
    positions.forEach((position) => all.addAll(this.follow[position]!));
    return all;
  }

  private build(node: PatternNode): Fragment {
    switch (node.kind) {
      case 'set': {
        const position = this.charsets.push(node.contains) - 1;
        this.follow.push(new PositionSet(this.size));
        const only = new PositionSet(this.size);
        only.add(position);
        return { nullable: false, first: only, last: only };
      }
      case 'sequence':
        return node.items.map((item) => this.build(item)).reduce((left, right) => this.join(left, right), this.empty);
      case 'choice': {
        const branches = node.items.map((item) => this.build(item));
        return {
          nullable: branches.some(({ nullable }) => nullable),
          first: this.union(branches.map(({ first }) => first)),
          last: this.union(branches.map(({ last }) => last)),
        };
      }
      case 'repeat':
        return this.repeat(node.item, node.min, node.max);
    }
  }

  private repeat(item: PatternNode, min: number, max: number | null): Fragment {
    let whole = this.empty;
    for (let count = 0; count < min; count++) whole = this.join(whole, this.build(item));
    if (max === null) {
      const loop = this.build(item);
      loop.last.forEach((position) => this.follow[position]!.addAll(loop.first));
      return this.join(whole, { ...loop, nullable: true });
    }
    // a{2,4} is aa(a(a)?)?: built from the inside out.
    let optional = this.empty;
    for (let count = min; count < max; count++) optional = { ...this.join(this.build(item), optional), nullable: true };
    return this.join(whole, optional);
  }

  private join(left: Fragment, right: Fragment): Fragment {
    left.last.forEach((position) => this.follow[position]!.addAll(right.first));
    return {
      nullable: left.nullable && right.nullable,
      first: left.nullable ? this.union([left.first, right.first]) : left.first,
      last: right.nullable ? this.union([left.last, right.last]) : right.last,
    };
  }

  private union(sets: readonly PositionSet[]): PositionSet {
    const all = new PositionSet(this.size);
    for (const set of sets) all.addAll(set);
    return all;
  }
}

/** Whether it is beyond what a new release may have. */
export function isLargeGraph(node: PatternNode): boolean {
  const { positions, nodes } = extentOf(node);
  return positions > newPositionsMax || nodes > newNodesMax;
}

/** How large a pattern is with its repetitions written out. */
function extentOf(node: PatternNode): { readonly positions: number; readonly nodes: number } {
  switch (node.kind) {
    case 'set':
      return { positions: 1, nodes: 1 };
    case 'sequence':
    case 'choice': {
      const extents = node.items.map(extentOf);
      return {
        positions: extents.reduce((sum, { positions }) => sum + positions, 0),
        nodes: extents.reduce((sum, { nodes }) => sum + nodes, 1),
      };
    }
    case 'repeat': {
      const { positions, nodes } = extentOf(node.item);
      const times = node.max ?? node.min + 1;
      return { positions: positions * times, nodes: 1 + nodes * times };
    }
  }
}
