import { messageOf, TrucError } from '@truc/kernel';
import avsc from 'avsc';

/** A long that may be past 2^53: kept exact. */
const exactLong = avsc.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(value);
    return bytes;
  },
  fromJSON: BigInt,
  toJSON: String,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0),
});

const magic = 0;
const frameBytes = 5;
const answerMs = 10_000;

/** Decodes what is in the log by the schemas that the registry tells over HTTP, with a codec that shares no code with the backbone's. */
export class RegistrySchemas {
  readonly #url: string;
  readonly #token: string;
  readonly #types = new Map<number, Promise<avsc.Type>>();

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  /**
   * @throws TrucError CHECKER_REGISTRY_FAILED where the registry does not answer: asked again the next time. Anything else that is thrown says what is wrong with the
   * bytes: CHECKER_FRAME_INVALID without Confluent's frame, CHECKER_SCHEMA_UNKNOWN, an error of the codec
   */
  async decode(bytes: Buffer): Promise<unknown> {
    if (bytes.length < frameBytes || bytes[0] !== magic)
      throw new TrucError('CHECKER_FRAME_INVALID', 'a record is not framed as Confluent frames');
    const id = bytes.readUInt32BE(1);
    let type = this.#types.get(id);
    if (type === undefined) {
      type = this.#read(id);
      this.#types.set(id, type);
      type.catch(() => this.#types.delete(id));
    }
    return (await type).fromBuffer(bytes.subarray(frameBytes));
  }

  async #read(id: number): Promise<avsc.Type> {
    const response = await this.#ask(id);
    if (response.status === 404) throw new TrucError('CHECKER_SCHEMA_UNKNOWN', `the registry has no schema ${id}`);
    if (!response.ok) throw new TrucError('CHECKER_REGISTRY_FAILED', `the registry answered ${response.status} for schema ${id}`);
    const { schema } = (await response.json()) as { schema: string };
    return avsc.Type.forSchema(JSON.parse(schema) as avsc.Schema, { registry: { long: exactLong }, wrapUnions: false });
  }
  async #ask(id: number): Promise<Response> {
    try {
      return await fetch(`${this.#url}/schemas/ids/${id}`, {
        headers: { authorization: `Bearer ${this.#token}` },
        signal: AbortSignal.timeout(answerMs),
      });
    } catch (cause) {
      throw new TrucError('CHECKER_REGISTRY_FAILED', `the registry does not answer for schema ${id}: ${messageOf(cause)}`, { cause });
    }
  }
}
