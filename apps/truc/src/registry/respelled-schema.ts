import { readSchema, RegistryRefusal } from '@truc/registry';
import { contentDigest } from './export-record.js';
import type { ExportFile } from './export-reader.js';
import { referredBy, type WantedVersion } from './import-names.js';
import { versionKey, type TargetVersion } from './target-state.js';

/** Longest chain and number of references that are followed; the registry takes no more. */
const referencesMax = 256;

/**
 * Says of versions that are there whether they say what is wanted, in our own spelling where the source has another: registries keep the text as it was sent, ours and Confluent's as Avro's Java library writes it.
 * The schema is the same then, the bytes of its data too, and its GUID is another one.
 */
export class Spelling {
  readonly #file: ExportFile;
  readonly #byKey: ReadonlyMap<string, WantedVersion>;
  readonly #latest = new Map<string, number>();
  /** Digests in our spelling, of those that were asked for. */
  readonly #known = new Map<WantedVersion, string>();

  constructor(file: ExportFile, wanted: readonly WantedVersion[]) {
    this.#file = file;
    this.#byKey = new Map(wanted.map((each) => [versionKey(each), each]));
    for (const { subject, version, deleted } of wanted)
      if (!deleted) this.#latest.set(subject, Math.max(version, this.#latest.get(subject) ?? 0));
  }

  /** Asks about what is there; {@link isSame} answers of it afterwards. */
  async learn(wanted: readonly WantedVersion[], there: (each: WantedVersion) => readonly (TargetVersion | undefined)[]): Promise<void> {
    for (const each of wanted) {
      const differs = there(each).some((found) => found !== undefined && found.digest !== each.source.digest);
      if (differs && !this.#known.has(each)) this.#known.set(each, await this.#digest(each));
    }
  }

  isSame(wanted: WantedVersion, there: TargetVersion): boolean {
    return there.digest === wanted.source.digest || there.digest === this.#known.get(wanted);
  }

  isRespelled(wanted: WantedVersion, there: TargetVersion): boolean {
    return there.digest !== wanted.source.digest && this.isSame(wanted, there);
  }

  async #digest(each: WantedVersion): Promise<string> {
    const record = await this.#file.read(each.source);
    const references = record.references.map((reference, index) => {
      const subject = referredBy(each)[index]?.subject ?? reference.subject;
      return reference.version < 0 ? { ...reference, version: this.#latest.get(subject) ?? reference.version } : reference;
    });
    try {
      const { text } = readSchema(each.subject, { text: record.schema, references }, await this.#referenced(each));
      return contentDigest({ ...record, schema: text, references });
    } catch (error) {
      if (error instanceof RegistryRefusal) return '';
      throw error;
    }
  }

  /** Texts of everything that a version leads to, each once and after those that it refers to. */
  async #referenced(of: WantedVersion): Promise<string[]> {
    const texts = new Map<string, string>();
    const visit = async (each: WantedVersion): Promise<void> => {
      for (const { subject, version } of referredBy(each)) {
        const key = versionKey({ subject, version: version ?? this.#latest.get(subject) ?? 0 });
        const referred = this.#byKey.get(key);
        if (referred === undefined || texts.has(key) || texts.size > referencesMax) continue;
        texts.set(key, '');
        await visit(referred);
        texts.delete(key);
        texts.set(key, (await this.#file.read(referred.source)).schema);
      }
    };
    await visit(of);
    return [...texts.values()];
  }
}
