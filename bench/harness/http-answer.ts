/** Answers of HTTP/1.1 on one connection that is asked one thing at a time; only what a load needs of them. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: Buffer;
}

const headEnd = Buffer.from('\r\n\r\n');
const lastChunk = Buffer.from('0\r\n\r\n');

/** Puts together what comes in pieces. */
export class AnswerReader {
  #bytes: Buffer = Buffer.alloc(0);

  /** @returns the answer once it is whole; null before */
  take(piece: Buffer): HttpAnswer | null {
    this.#bytes = this.#bytes.length === 0 ? piece : Buffer.concat([this.#bytes, piece]);
    const bodyAt = this.#bytes.indexOf(headEnd) + headEnd.length;
    if (bodyAt < headEnd.length) return null;
    const head = this.#bytes.toString('latin1', 0, bodyAt);
    const status = Number(head.slice(9, 12));
    const length = /\r\ncontent-length: *([0-9]+)/i.exec(head)?.[1];
    const body = length === undefined ? this.#chunks(bodyAt) : this.#counted(bodyAt, Number(length));
    if (body === null) return null;
    this.#bytes = Buffer.alloc(0);
    return { status, body };
  }

  #counted(at: number, length: number): Buffer | null {
    return this.#bytes.length < at + length ? null : this.#bytes.subarray(at, at + length);
  }

  #chunks(at: number): Buffer | null {
    if (!this.#bytes.subarray(-lastChunk.length).equals(lastChunk)) return null;
    const parts: Buffer[] = [];
    for (let place = at; ;) {
      const lineEnd = this.#bytes.indexOf('\r\n', place);
      const size = Number.parseInt(this.#bytes.toString('latin1', place, lineEnd), 16);
      if (!(size > 0)) return Buffer.concat(parts);
      parts.push(this.#bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
      place = lineEnd + 2 + size + 2;
    }
  }
}
