import { jsonExtent } from './json-extent.js';
import { TrucError } from './truc-error.js';
import { utf8FaultAt } from './utf8-fault.js';

/** What bytes of JSON may hold beside text. */
export interface JsonLimits {
  /** Nested objects and arrays. */
  readonly depthMax: number;
  /** Commas outside of strings. */
  readonly commasMax: number;
}

/**
 * Parses JSON that somebody else wrote. What is not UTF-8 is refused, which decoding would replace by other text, and what is nested or split into members without end, before anything is made of it.
 * @throws TrucError JSON_INVALID; it quotes nothing
 */
export function parseJsonBytes(bytes: Uint8Array, { depthMax, commasMax }: JsonLimits): unknown {
  const fault = utf8FaultAt(bytes);
  if (fault !== null) throw new TrucError('JSON_INVALID', `not UTF-8 from byte ${fault + 1} on`);
  const { depth, commas } = jsonExtent(bytes);
  if (depth > depthMax) throw new TrucError('JSON_INVALID', `nested deeper than ${depthMax}`);
  if (commas > commasMax) throw new TrucError('JSON_INVALID', `more than ${commasMax} members`);
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'));
  } catch {
    throw new TrucError('JSON_INVALID', 'not JSON');
  }
}
