import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { RegistryRefusal } from '@truc/registry';
import { ChangeBatches, inTurn, outcomeOf, type Outcome } from './change-batches.js';
import { unavailable } from './database.js';

/** A store of names whose transactions are all or nothing. */
class Names {
  committed: string[] = [];
  /** Names of each transaction, also of those that came to nothing. */
  readonly transactions: string[][] = [];
  /** Of the commits, in turn; null where one is good. */
  readonly troubles: (Error | null)[] = [];
  #open: string[] = [];

  readonly batches = new ChangeBatches<string, string>((names) => this.#transaction(names));

  change(name: string, bytes?: number): Promise<string> {
    return this.batches.change(name, bytes);
  }

  async #take(name: string): Promise<string> {
    if (name.startsWith('slow')) await sleep(300);
    if (name.startsWith('refused')) throw new RegistryRefusal('invalidSchema', name);
    if ([...this.committed, ...this.#open].includes(name)) throw new RegistryRefusal('invalidSchema', `${name} is there`);
    this.#open.push(name);
    if (name.startsWith('broken')) throw new TypeError(name);
    return name;
  }

  async #transaction(names: readonly string[]): Promise<Outcome<string>[]> {
    this.#open = [];
    try {
      const outcomes = await inTurn(names, async ([first = '']) => [await outcomeOf(() => this.#take(first))]);
      const trouble = this.troubles.shift();
      if (trouble) throw trouble;
      this.committed.push(...this.#open);
      return outcomes;
    } finally {
      this.transactions.push(this.#open);
      this.#open = [];
    }
  }
}

const settled = async (promises: Promise<string>[]) =>
  (await Promise.allSettled(promises)).map((one) => (one.status === 'fulfilled' ? one.value : `! ${(one.reason as Error).message}`));

describe('changes in batches', () => {
  let names: Names;
  beforeEach(() => {
    names = new Names();
  });

  it('go together when they come while another is under way, in the order in which they came', async () => {
    expect(await settled(['a', 'b', 'c', 'd'].map((name) => names.change(name)))).toEqual(['a', 'b', 'c', 'd']);
    expect(names.transactions).toEqual([['a'], ['b', 'c', 'd']]);
    expect(await names.change('e')).toBe('e');
    expect(names.transactions).toHaveLength(3);
  });

  it('wait a moment for those who were just answered, where others wait', async () => {
    const asksAgain = async (name: string) => {
      await names.change(`slow ${name}1`);
      await setImmediate();
      return names.change(`${name}2`);
    };
    const first = asksAgain('a');
    const second = names.change('b');
    await Promise.all([first, second]);
    expect(names.transactions).toEqual([['slow a1'], ['b', 'a2']]);
  });

  it('see each other, and one that is refused takes nothing from the others', async () => {
    expect(await settled(['a', 'b', 'b', 'refused', 'c'].map((name) => names.change(name)))).toEqual([
      'a',
      'b',
      '! b is there',
      '! refused',
      'c',
    ]);
    expect(names.committed).toEqual(['a', 'b', 'c']);
  });

  it('are each tried alone when one of them breaks the transaction', async () => {
    expect(await settled(['a', 'b', 'broken', 'c'].map((name) => names.change(name)))).toEqual(['a', 'b', '! broken', 'c']);
    expect(names.committed).toEqual(['a', 'b', 'c']);
  });

  it('are all told when the database is away, those too that were refused for what did not come to be, and nobody tries again for them', async () => {
    names.troubles.push(null, unavailable(null));
    const told = await settled(['a', 'b', 'b', 'c'].map((name) => names.change(name)));
    expect(told.map((one) => one.includes('does not answer'))).toEqual([false, true, true, true]);
    expect(names.transactions).toHaveLength(2);
    expect(await names.change('b')).toBe('b');
  });

  it('leave the turn to other registries after a while', async () => {
    expect(await settled(['a', 'slow', 'b', 'c'].map((name) => names.change(name)))).toEqual(['a', 'slow', 'b', 'c']);
    expect(names.transactions).toEqual([['a'], ['slow'], ['b', 'c']]);
  });

  it('are no more than 64 at a time', async () => {
    await Promise.all(Array.from({ length: 150 }, (_, index) => names.change(`n${index}`)));
    expect(names.transactions.map(({ length }) => length)).toEqual([1, 64, 64, 21]);
    expect(names.committed).toHaveLength(150);
  });

  it('wait within bounds: what would be too much is refused, to be tried again, until there is room', async () => {
    const mebibyte = 1024 * 1024;
    const told = await settled([
      names.change('slow', 20 * mebibyte),
      names.change('b', 12 * mebibyte),
      names.change('c', 1),
      names.change('d', 0),
    ]);
    expect(told).toEqual(['slow', 'b', expect.stringMatching(/^! .*too many registrations wait/), 'd']);
    await expect(Promise.all([names.change('e'), names.change('f', 40 * mebibyte)])).resolves.toEqual(['e', 'f']);
    expect(await settled([names.change('g', 32 * mebibyte), names.change('h', 32 * mebibyte)])).toEqual(['g', expect.stringMatching(/^!/)]);
    expect(await names.change('i', 32 * mebibyte)).toBe('i');
  });
});
