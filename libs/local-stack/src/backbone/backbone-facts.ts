import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, TrucError } from '@truc/kernel';
import { z } from 'zod';

/** Steps of the first start that are done once; `merged` and `snapshot` belong to the demo's life. */
const step = z.enum(['databases', 'sources', 'applied', 'prepared', 'snapshot', 'merged']);
export type BackboneStep = z.infer<typeof step>;

const facts = z.strictObject({
  residents: z.int().positive(),
  seed: z.int(),
  division: z.enum(['reference', 'invented']),
  done: z.array(step),
});

/** What a data directory was made for. */
export interface BackboneWish {
  readonly residents: number;
  readonly seed: number;
  readonly division: 'reference' | 'invented';
}

/** What a data directory holds and which steps of its making are done: a start that was cut short is carried on at the first step that is missing. */
export class BackboneFacts {
  readonly #path: string;
  #facts: z.infer<typeof facts>;

  private constructor(path: string, known: z.infer<typeof facts>) {
    this.#path = path;
    this.#facts = known;
  }

  /**
   * Reads the facts of `directory`, or makes them.
   * @param asked what a person asked for by name; null where a default stands, which gives way to what is there
   * @throws TrucError BACKBONE_OTHER_WORLD, BACKBONE_DIRECTORY_BROKEN
   */
  static open(
    directory: string,
    defaults: BackboneWish,
    asked: { readonly residents: number | null; readonly seed: number | null },
  ): BackboneFacts {
    const path = join(directory, 'backbone.json');
    const found = read(path);
    if (found === null) {
      const made = new BackboneFacts(path, {
        ...defaults,
        residents: asked.residents ?? defaults.residents,
        seed: asked.seed ?? defaults.seed,
        done: [],
      });
      made.#write();
      return made;
    }
    for (const name of ['residents', 'seed'] as const) {
      const wanted = asked[name];
      if (wanted === null || wanted === found[name]) continue;
      throw new TrucError(
        'BACKBONE_OTHER_WORLD',
        `${directory} was made with --${name} ${found[name]}, not ${wanted}: leave --${name} out to go on with it, or add --fresh to delete it and begin anew`,
      );
    }
    return new BackboneFacts(path, found);
  }

  get wish(): BackboneWish {
    return this.#facts;
  }

  has(name: BackboneStep): boolean {
    return this.#facts.done.includes(name);
  }

  add(name: BackboneStep): void {
    if (this.has(name)) return;
    this.#facts = { ...this.#facts, done: [...this.#facts.done, name] };
    this.#write();
  }

  /** The file is the old one or the new one, never half of one. */
  #write(): void {
    const draft = `${this.#path}.draft`;
    writeFileSync(draft, `${JSON.stringify(this.#facts, null, 2)}\n`);
    renameSync(draft, this.#path);
  }
}

function read(path: string): z.infer<typeof facts> | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    return facts.parse(JSON.parse(text));
  } catch (cause) {
    throw new TrucError(
      'BACKBONE_DIRECTORY_BROKEN',
      `${path} cannot be understood (${messageOf(cause).split('\n')[0]}): add --fresh to delete the data and begin anew`,
      { cause },
    );
  }
}
