import type { RegistryStore, RememberedReads } from '@truc/registry-store';
import { idAnswer } from './version-answer.js';

/** Of an answer's place in memory, beside its bytes. */
const placeBytes = 200;

/** Answers for schemas by id as they go over the wire, kept while nothing has changed what the id means, and for when the database is away. */
export class KnownSchemas {
  readonly #store: RegistryStore;
  readonly #answers: RememberedReads<Buffer>;

  /** @param bytesMax of all that is kept */
  constructor(store: RegistryStore, bytesMax: number) {
    this.#store = store;
    this.#answers = store.remembered(bytesMax, (answer: Buffer) => answer.length + placeBytes);
  }

  /** JSON in UTF-8, where it needs no question; undefined where it does. */
  known(id: number): Buffer | undefined {
    return this.#answers.known(String(id));
  }

  /** @throws RegistryRefusal schemaNotFound; storeUnavailable where the schema is not known by heart */
  answer(id: number): Promise<Buffer> {
    return this.#answers.readFixed(String(id), async () => {
      const found = await this.#store.catalogue.schemaNow(id);
      return Buffer.from(JSON.stringify(idAnswer(found, false)));
    });
  }
}
