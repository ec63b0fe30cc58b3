import { PackedAnswers, type RegistryStore, type RememberedReads } from '@truc/registry-store';
import { idAnswer } from './version-answer.js';

/** Answers for schemas by id as they go over the wire, kept while nothing has changed what the id means, and for when the database is away. */
export class KnownSchemas {
  readonly #store: RegistryStore;
  readonly #answers: RememberedReads<number, Buffer>;

  /** @param bytesMax of all that is kept */
  constructor(store: RegistryStore, bytesMax: number) {
    this.#store = store;
    this.#answers = store.remembered(new PackedAnswers(bytesMax));
  }

  /** JSON in UTF-8, where it needs no question; undefined where it does. */
  known(id: number): Buffer | undefined {
    return this.#answers.known(id);
  }

  /** @throws RegistryRefusal schemaNotFound; storeUnavailable where the schema is not known by heart */
  answer(id: number): Promise<Buffer> {
    return this.#answers.readFixed(id, async () => {
      const found = await this.#store.catalogue.schemaNow(id);
      return Buffer.from(JSON.stringify(idAnswer(found, false)));
    });
  }
}
