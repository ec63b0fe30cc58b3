import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkoutRoot, findJava, mavenJars } from '@truc/local-stack';
import fc from 'fast-check';
import type { AvroSchema } from './avro-schema.js';
import { CompatibilityWalk } from './compatibility-walk.js';
import { checkCompatibility } from './compatibility.js';
import { schemaPair } from './random-pair.test-data.js';
import { registeredText } from './registered-text.js';
import { parseAvroSchema } from './schema-parser.js';

interface Answer {
  readonly text?: string;
  readonly reasons?: readonly { readonly kind: string; readonly path: string; readonly detail: string }[];
  readonly error?: string;
  readonly message?: string;
}

const folder = fileURLToPath(new URL('../java', import.meta.url));

/** Avro's Java library in one process, which answers a line for a line. */
class JavaReference {
  readonly #process: ChildProcessWithoutNullStreams;
  #begun = '';
  readonly #waiting: ((line: string) => void)[] = [];

  constructor(jars: string) {
    this.#process = spawn(findJava(process.env), ['-cp', join(jars, '*'), join(folder, 'AvroReference.java')]);
    // Not by readline, to which U+2028 within an answer is the end of a line.
    this.#process.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = `${this.#begun}${text}`.split('\n');
      this.#begun = lines.pop() ?? '';
      for (const line of lines) this.#waiting.shift()?.(line);
    });
    this.#process.stderr.resume();
  }

  ask(question: { readonly schema: string } | { readonly reader: string; readonly writer: string }): Promise<Answer> {
    return new Promise((resolve) => {
      this.#waiting.push((line) => resolve(JSON.parse(line) as Answer));
      this.#process.stdin.write(`${JSON.stringify(question)}\n`);
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#process.once('exit', () => resolve());
      this.#process.stdin.end();
    });
  }
}

const parsed = (json: unknown): AvroSchema | null => {
  try {
    return parseAvroSchema(JSON.stringify(json));
  } catch {
    return null;
  }
};
const readable = (text: string): boolean => {
  try {
    parseAvroSchema(text);
    return true;
  } catch {
    return false;
  }
};
/** What is told once is told: Java repeats what it meets again. */
const distinct = (reasons: Iterable<{ readonly kind: string; readonly path: string; readonly detail: string }>): string[] => [
  ...new Set([...reasons].map(({ kind, path, detail }) => `${kind} ${path} ${detail}`)),
];
/** Java throws where a field could be read from several; here it is a reason among the others, and only where it matters. */
const severalFields = /matches multiple fields/;
/** Java cannot judge the default of a field that might be of the record around it, whose fields it does not have yet. */
const tooEarly = 'Schema fields not set yet';

describe("Avro's Java library", () => {
  let java: JavaReference;
  beforeAll(async () => {
    const pinned = { name: 'Avro', pom: join(folder, 'pom.xml'), artifact: 'avro', sizeMebibytes: 7 };
    java = new JavaReference(await mavenJars(pinned, join(checkoutRoot, '.truc', 'cache'), process.env, () => undefined));
  }, 300_000);
  afterAll(() => java.close());

  it('finds the same incompatibilities at the same paths in thousands of pairs, and writes the same texts', async () => {
    const seed = Date.now() % 2 ** 31;
    const met = { seed, readable: 0, unreadable: 0, ambiguous: 0, spared: 0, blind: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const { reader, writer } = schemaPair(seed);
        const [ours, theirs] = [parsed(reader), parsed(writer)];
        const texts = { reader: JSON.stringify(reader), writer: JSON.stringify(writer) };
        const answer = await java.ask(texts);
        if (answer.message === tooEarly) return;
        const isAmbiguous = severalFields.test(answer.message ?? '');
        const isRefused = answer.error !== undefined && !isAmbiguous;
        if (ours === null || theirs === null || isRefused) {
          met.refused += 1;
          // What Java reads and we do not are types of which no value ends, or that take no space in an array.
          expect({ texts, isReadHere: ours !== null && theirs !== null }).toEqual({ texts, isReadHere: false });
          return;
        }
        expect((await java.ask({ schema: texts.reader })).text).toBe(registeredText(texts.reader));
        const found = checkCompatibility(ours, theirs);
        if (isAmbiguous) {
          // Java gives up on everything, though the field may lie in a branch of a union where another branch reads the data.
          met[found.length > 0 ? 'ambiguous' : 'spared'] += 1;
          return;
        }
        const reasons = distinct(answer.reasons ?? []);
        expect({ texts, reasons: distinct(new CompatibilityWalk().reasons(ours, theirs)) }).toEqual({ texts, reasons });
        if (reasons.length > 0) expect(distinct(found)).toEqual(reasons);
        else if (found.length > 0) met.blind += 1;
        met[found.length > 0 ? 'unreadable' : 'readable'] += 1;
      }),
      { numRuns: 4_000, seed },
    );
    process.stdout.write(`pairs: ${JSON.stringify(met)}\n`);
    expect(met.readable).toBeGreaterThan(400);
    expect(met.unreadable).toBeGreaterThan(400);
    expect(met.refused).toBeLessThan(1_500);
    expect(met.ambiguous).toBeGreaterThan(10 * met.spared);
  }, 600_000);

  it('takes the same defaults of every type', async () => {
    const types: unknown[] = ['null', 'boolean', 'int', 'long', 'float', 'double', 'string', 'bytes', ['null', 'int'], ['string', 'null']];
    types.push({ type: 'array', items: 'int' }, { type: 'map', values: 'string' }, { type: 'fixed', name: 'F', size: 2 });
    types.push({ type: 'enum', name: 'E', symbols: ['A', 'B'] }, { type: 'record', name: 'Q', fields: [{ name: 'a', type: 'int' }] });
    types.push({ type: 'record', name: 'Q', fields: [{ name: 'a', type: 'int', default: 1 }] });
    const values = [null, true, 1, 2 ** 31, -(2 ** 31), 1.5, '', 's', 'A', 'xy', [], [1], ['x'], {}, { a: 1 }, { a: 'x' }, { a: null }];
    const strict: string[] = [];
    for (const type of types) {
      for (const value of values) {
        const text = JSON.stringify({ type: 'record', name: 'R', fields: [{ name: 'f', type, default: value }] });
        const isRead = parsed(JSON.parse(text)) !== null;
        const isReadThere = (await java.ask({ schema: text })).error === undefined;
        if (isRead && !isReadThere) throw new Error(`read here and not there: ${text}`);
        if (!isRead && isReadThere) strict.push(`${String((type as { type?: unknown }).type)} ${JSON.stringify(value)}`);
      }
    }
    // A symbol that the enum does not have, and a fixed of another size, would be no value to whoever reads.
    expect(strict).toEqual(['fixed ""', 'fixed "s"', 'fixed "A"', 'enum ""', 'enum "s"', 'enum "xy"']);
  });

  it('takes the same numbers for whole and for long enough, and keeps them as they are', async () => {
    const types = ['"int"', '"long"', '"float"', '"double"', '["null","long"]', '["long","double"]'];
    const numbers = ['1.0', '-0.0', '1e2', '2147483648', '9007199254740993', '9223372036854775807', '-9223372036854775808'];
    numbers.push(
      '9223372036854775808',
      '-9223372036854775809',
      '123456789012345678901234567890',
      '4.35e-7',
      '1E400',
      `1${'0'.repeat(400)}`,
    );
    const texts = types.flatMap((type) =>
      numbers.map((number) => `{"type":"record","name":"R","fields":[{"name":"f","type":${type},"default":${number}}]}`),
    );
    texts.push(...numbers.map((number) => `{"type":"fixed","name":"F","size":${number}}`));
    texts.push(...numbers.map((number) => `{"type":"bytes","logicalType":"decimal","precision":${number}}`));
    const strict: string[] = [];
    for (const text of texts) {
      const there = (await java.ask({ schema: text })).text;
      const isReadHere = readable(text);
      if (isReadHere) expect({ text, written: registeredText(text) }).toEqual({ text, written: there });
      else if (there !== undefined) strict.push(text.slice(0, 120));
    }
    // Numbers beyond any double, which it writes as words that it does not read again, and types of more bytes than there may be.
    for (const text of strict) expect(text).toMatch(/1E400|1000000000|"size":2147483648/);
    expect(texts.filter(readable).length).toBeGreaterThan(40);
  });

  it('takes the same comments for none, and writes the same characters', async () => {
    const texts = ['/* a "quote */ {"type": "string"}', '{"type": // it is\n "int"}', '["null", /* { */ "int"]', '/**/"int"'];
    texts.push(
      ...['\\u001f', '\\u000B', '\\u0000', '\\u007F', '\\u2028', '\\\\u001f', '\\/', '//', '/*'].map(
        (doc) => `{"type":"string","note":"${doc}"}`,
      ),
    );
    for (const text of texts)
      expect({ text, written: registeredText(text) }).toEqual({ text, written: (await java.ask({ schema: text })).text });
    for (const text of ['/* "int"', '"int" /', '{"type": # it is\n "int"}', '"in/**/t"', '"int" "int"']) {
      expect({ text, isRead: readable(text) }).toEqual({ text, isRead: false });
      expect((await java.ask({ schema: text })).error).toBeDefined();
    }
  });
});
