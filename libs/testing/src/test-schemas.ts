import { canonicalForm, parseAvroSchema } from '@truc/avro';
import { TrucError } from '@truc/kernel';
import type { SchemaLookup } from '@truc/pipeline';

/** A schema registry in memory: the same schema has one id under all its subjects. */
export class TestSchemas implements SchemaLookup {
  readonly #texts: string[] = [];
  readonly #forms: string[] = [];
  readonly #subjects = new Map<string, Set<number>>();
  isReachable = true;

  register(subject: string, schema: string): number {
    const form = canonicalForm(parseAvroSchema(schema));
    let index = this.#forms.indexOf(form);
    if (index < 0) index = this.#forms.push(form) && this.#texts.push(schema) - 1;
    this.#subjects.set(subject, (this.#subjects.get(subject) ?? new Set()).add(index + 1));
    return index + 1;
  }

  async schemaById(id: number): Promise<string | null> {
    this.#reach();
    return this.#texts[id - 1] ?? null;
  }

  async idOf(subject: string, schema: string): Promise<number | null> {
    this.#reach();
    const id = this.#forms.indexOf(canonicalForm(parseAvroSchema(schema))) + 1;
    return this.#subjects.get(subject)?.has(id) === true ? id : null;
  }

  async hasVersion(subject: string, id: number): Promise<boolean> {
    this.#reach();
    return this.#subjects.get(subject)?.has(id) === true;
  }

  /** Subjects that hold the schema of an id. */
  subjectsOf(id: number): string[] {
    return [...this.#subjects].filter(([, ids]) => ids.has(id)).map(([subject]) => subject);
  }

  #reach(): void {
    if (!this.isReachable) throw new TrucError('REGISTRY_UNREACHABLE', 'the registry was told not to answer', { retry: true });
  }
}
