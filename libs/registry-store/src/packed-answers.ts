import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Answer, AnswerMemory } from './remembered-reads.js';

/** Of one block of memory; they are taken as they are needed. */
const blockBytesDefault = 1024 * 1024;
/** In front of each answer: its key, its length as it is kept, and its stamp. */
const headBytes = 4 + 4 + 8;
/** Looks back 8 KiB, which reaches the dictionary from within most answers, and takes a tenth of the memory of what is usual; most answers are unpacked at once. */
const packing = { windowBits: 13, memLevel: 6, chunkSize: 2048 };
/** Of an answer that is the dictionary of others: more costs time with each of them. */
const dictionaryBytesMax = 4096;

/** A shorter one has little in common with others. */
const dictionaryBytesMin = 512;

interface Block {
  readonly bytes: Buffer;
  used: number;
}

/**
 * Answers in little memory: packed, one behind the other in blocks, without an object for each. A registry's schemas resemble each other, so the first one of some length is the dictionary that the others are packed with; the
 * time to unpack one is a fraction of what its request takes.
 * Bounded in bytes; what was put first goes first, a block at a time.
 */
export class PackedAnswers implements AnswerMemory<number, Buffer> {
  readonly #blocksMax: number;
  readonly #blockBytes: number;
  readonly #blocks: Block[] = [];
  /** Where an answer's head begins: the number of its block times the bytes of one, and its place in it. */
  readonly #places = new Map<number, number>();
  #current = -1;
  #dictionary: Buffer | undefined;

  /** @param bytesMax at least two blocks; what is longer than a block, packed, is not kept */
  constructor(bytesMax: number, blockBytes = blockBytesDefault) {
    this.#blockBytes = blockBytes;
    this.#blocksMax = Math.max(2, Math.floor(bytesMax / blockBytes));
  }

  /** Bytes that are taken for blocks. */
  get bytes(): number {
    return this.#blocks.length * this.#blockBytes;
  }

  /** @param key from 0 to 2^32 - 1 */
  get(key: number): Answer<Buffer> | undefined {
    const place = this.#places.get(key);
    if (place === undefined) return undefined;
    const { bytes } = this.#blocks[Math.floor(place / this.#blockBytes)]!;
    const at = place % this.#blockBytes;
    const from = at + headBytes;
    const stamp = bytes.readDoubleLE(at + 8);
    const value = inflateRawSync(bytes.subarray(from, from + bytes.readUInt32LE(at + 4)), this.#packing());
    return { value, stamp: Number.isNaN(stamp) ? null : stamp };
  }

  set(key: number, { value, stamp }: Answer<Buffer>): void {
    if (this.#dictionary === undefined && isDictionary(value)) this.#dictionary = Buffer.from(value);
    const packed = deflateRawSync(value, this.#packing());
    if (this.#isRestamped(key, packed, stamp)) return;
    this.delete(key);
    const needed = headBytes + packed.length;
    if (needed > this.#blockBytes) return;
    const block = this.#blockFor(needed);
    const at = block.used;
    block.bytes.writeUInt32LE(key, at);
    block.bytes.writeUInt32LE(packed.length, at + 4);
    writeStamp(block.bytes, at, stamp);
    packed.copy(block.bytes, at + headBytes);
    block.used += needed;
    this.#places.set(key, this.#current * this.#blockBytes + at);
  }

  delete(key: number): void {
    this.#places.delete(key);
  }

  /** The same answer stays where it is: what is asked for anew again and again would push out what nobody asks for. */
  #isRestamped(key: number, packed: Buffer, stamp: number | null): boolean {
    const place = this.#places.get(key);
    if (place === undefined) return false;
    const { bytes } = this.#blocks[Math.floor(place / this.#blockBytes)]!;
    const at = place % this.#blockBytes;
    const from = at + headBytes;
    if (bytes.readUInt32LE(at + 4) !== packed.length || !packed.equals(bytes.subarray(from, from + packed.length))) return false;
    writeStamp(bytes, at, stamp);
    return true;
  }

  #packing() {
    const dictionary = this.#dictionary;
    return { ...packing, ...(dictionary === undefined ? {} : { dictionary }) };
  }

  #blockFor(needed: number): Block {
    const block = this.#blocks[this.#current];
    if (block !== undefined && block.used + needed <= this.#blockBytes) return block;
    this.#current = (this.#current + 1) % this.#blocksMax;
    const next = (this.#blocks[this.#current] ??= { bytes: Buffer.allocUnsafeSlow(this.#blockBytes), used: 0 });
    this.#forget(next);
    return next;
  }

  #forget(block: Block): void {
    const base = this.#current * this.#blockBytes;
    for (let at = 0; at < block.used; at += headBytes + block.bytes.readUInt32LE(at + 4)) {
      const key = block.bytes.readUInt32LE(at);
      // It may stand elsewhere by now.
      if (this.#places.get(key) === base + at) this.#places.delete(key);
    }
    block.used = 0;
  }
}

function isDictionary({ length }: Buffer): boolean {
  return length >= dictionaryBytesMin && length <= dictionaryBytesMax;
}

/** @param at where the head begins */
function writeStamp(bytes: Buffer, at: number, stamp: number | null): void {
  bytes.writeDoubleLE(stamp ?? Number.NaN, at + 8);
}
