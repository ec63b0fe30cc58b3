import fc from 'fast-check';

/** The text of an Avro schema that somebody means harm with. */
export interface HostileSchema {
  readonly name: string;
  readonly text: string;
  /** False where it is a schema like any other, only a costly one. */
  readonly isRefused: boolean;
}

const record = (fields: readonly unknown[], more: object = {}): string => JSON.stringify({ type: 'record', name: 'R', ...more, fields });
const deep = (depth: number): string => `${'{"type":"array","items":'.repeat(depth)}"int"${'}'.repeat(depth)}`;
const refused = (name: string, text: string): HostileSchema => ({ name, text, isRefused: true });
const costly = (name: string, text: string): HostileSchema => ({ name, text, isRefused: false });

/** Records of which each holds the one before it twice: 2^levels of them when written out. */
function doubled(levels: number, innermost: readonly unknown[], more: object = {}): string {
  let inner: unknown = { type: 'record', name: 'N0', fields: innermost };
  for (let level = 1; level < levels; level++) {
    const fields = [
      { name: 'a', type: inner, ...more },
      { name: 'b', type: `N${level - 1}`, ...more },
    ];
    inner = { type: 'record', name: `N${level}`, fields };
  }
  return JSON.stringify(inner);
}

/** Schemas that cost as much as 64 KiB can, and what no registry may take. */
export const hostileSchemas: readonly HostileSchema[] = [
  refused('a megabyte of documentation', record([], { doc: 'x'.repeat(1024 * 1024) })),
  refused('a megabyte of fields', record(Array.from({ length: 30_000 }, (_, index) => ({ name: `f${index}`, type: 'int' })))),
  refused('200 KB', record([], { doc: 'x'.repeat(200_000) })),
  refused('arrays in each other past the limit', deep(33)),
  refused('arrays in each other, as many as fit', deep(2_500)),
  refused('sixty thousand brackets', '['.repeat(60_000)),
  refused('JSON nested in an attribute', record([], { x: JSON.parse(`${'['.repeat(200)}${']'.repeat(200)}`) as unknown })),
  refused(
    'thirteen thousand names that are none',
    JSON.stringify({ type: 'enum', name: 'E', symbols: Array.from({ length: 10_000 }, () => 'é') }),
  ),
  refused('eight thousand symbols with one twice', JSON.stringify({ type: 'enum', name: 'E', symbols: [...symbols('s', 7_000), 's6999'] })),
  refused('1,001 fields', record(Array.from({ length: 1_001 }, (_, index) => ({ name: `f${index}`, type: 'int' })))),
  refused('an array of nothing', '{"type":"array","items":"null"}'),
  refused('a record that is itself', record([{ name: 'a', type: 'R' }])),
  refused(
    'a default that fits in no way',
    record([
      { name: 'x', type: ['R', { type: 'record', name: 'S', fields: [{ name: 'x', type: ['R', 'S'] }] }], default: nested('x', 60) },
    ]),
  ),
  refused('__proto__ for a type', '{"type":{"__proto__":"int"}}'),
  refused('no JSON', '{"type":"record",'),
  costly('a field named __proto__', '{"type":"record","name":"R","fields":[{"name":"__proto__","type":"int"}]}'),
  costly('records that double', doubled(30, [])),
  costly('defaults that double', doubled(30, [{ name: 'v', type: 'int', default: 1 }], { default: {} })),
  costly('a union of 1,400', JSON.stringify(Array.from({ length: 1_400 }, (_, index) => ({ type: 'fixed', name: `F${index}`, size: 1 })))),
  costly('seven thousand symbols', JSON.stringify({ type: 'enum', name: 'E', symbols: symbols('s', 7_000) })),
  costly(
    'a thousand fields',
    record(Array.from({ length: 1_000 }, (_, index) => ({ name: `f${index}`, type: ['null', 'string'], default: null }))),
  ),
];

function symbols(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}

function nested(key: string, depth: number): unknown {
  return Array.from({ length: depth }).reduce<unknown>((inner) => ({ [key]: inner }), 'no such value');
}

const word = fc.constantFrom(
  'record',
  'enum',
  'fixed',
  'array',
  'map',
  'int',
  'long',
  'null',
  'string',
  'R',
  '__proto__',
  'constructor',
  'é',
  '',
);
const attribute = fc.constantFrom(
  'type',
  'name',
  'namespace',
  'fields',
  'items',
  'values',
  'symbols',
  'size',
  'default',
  'aliases',
  'doc',
  'order',
  'logicalType',
  '__proto__',
);

/** JSON made of the words of Avro, mostly no schema at all. */
const nearSchemas: fc.Arbitrary<unknown> = fc.letrec<{ node: unknown }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    word,
    fc.constantFrom(0, -1, 3, 2 ** 53, 1e300, true, null),
    fc.array(tie('node'), { maxLength: 4 }),
    fc.dictionary(attribute, tie('node'), { maxKeys: 6 }),
    fc.record({
      type: fc.constant('record'),
      name: word,
      fields: fc.array(fc.record({ name: word, type: tie('node') }), { maxLength: 4 }),
    }),
  ),
})).node;

/** Texts of schemas: good ones, almost good ones, hostile ones, and any of them with a piece missing or too much. */
export const schemaTexts: fc.Arbitrary<string> = fc
  .oneof(
    nearSchemas.map((json) => JSON.stringify(json)),
    fc.constantFrom(...hostileSchemas.filter(({ text }) => text.length < 2_000)).map(({ text }) => text),
    fc.string({ unit: 'binary', maxLength: 40 }),
  )
  .chain((text) =>
    fc.oneof(
      { weight: 3, arbitrary: fc.constant(text) },
      { weight: 1, arbitrary: fc.nat({ max: text.length }).map((at) => text.slice(0, at)) },
      {
        weight: 1,
        arbitrary: fc
          .tuple(fc.nat({ max: text.length }), fc.constantFrom('"', '{', ']', ',', '\\', '\u0000'))
          .map(([at, more]) => text.slice(0, at) + more + text.slice(at)),
      },
    ),
  );
