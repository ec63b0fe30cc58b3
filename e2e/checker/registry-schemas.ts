import { TrucError } from '@truc/kernel';
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

/** Decodes what is in the log by the schemas that the registry tells over HTTP, with a codec that shares no code with the backbone's. */
export class RegistrySchemas {
  readonly #url: string;
  readonly #token: string;
  readonly #types = new Map<number, Promise<avsc.Type>>();

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  /** @throws TrucError CHECKER_FRAME_INVALID for bytes without Confluent's frame; CHECKER_REGISTRY_FAILED */
  async decode(bytes: Buffer): Promise<unknown> {
    if (bytes.length < frameBytes || bytes[0] !== magic)
      throw new TrucError('CHECKER_FRAME_INVALID', 'a record is not framed as Confluent frames');
    const id = bytes.readUInt32BE(1);
    let type = this.#types.get(id);
    if (type === undefined) {
      type = this.#read(id);
      this.#types.set(id, type);
    }
    return (await type).fromBuffer(bytes.subarray(frameBytes));
  }

  async #read(id: number): Promise<avsc.Type> {
    const response = await fetch(`${this.#url}/schemas/ids/${id}`, { headers: { authorization: `Bearer ${this.#token}` } });
    if (!response.ok) throw new TrucError('CHECKER_REGISTRY_FAILED', `the registry answered ${response.status} for schema ${id}`);
    const { schema } = (await response.json()) as { schema: string };
    return avsc.Type.forSchema(JSON.parse(schema) as avsc.Schema, { registry: { long: exactLong }, wrapUnions: false });
  }
}
