import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';

type Parts<T> = AsyncIterable<readonly T[]> | Iterable<readonly T[]>;

/** Writes a list as JSON while it is read, and reads on as fast as the caller takes it. What goes wrong before its first part is thrown; afterwards the answer is broken off, and the caller sees that it is not whole. */
export async function writeList<T>(response: Response, parts: Parts<T>, answerOf: (each: T) => object): Promise<void> {
  const texts = textsOf(parts, answerOf);
  const first = await texts.next();
  response.setHeader('content-type', `${String(response.getHeader('content-type'))}; charset=utf-8`);
  const rest = async function* () {
    if (first.done !== true) yield first.value;
    yield* texts;
  };
  try {
    await pipeline(Readable.from(rest()), response);
  } catch (error) {
    // Who asked has gone: nobody is to be told.
    if ((error as { code?: unknown }).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}

/** Whole, or in parts of which the last one closes it. */
async function* textsOf<T>(parts: Parts<T>, answerOf: (each: T) => object): AsyncGenerator<string> {
  let separator = '[';
  for await (const part of parts) {
    if (part.length === 0) continue;
    yield `${separator}${part.map((each) => JSON.stringify(answerOf(each))).join(',')}`;
    separator = ',';
  }
  yield separator === '[' ? '[]' : ']';
}
