import fc from 'fast-check';

/** A schema as JSON with an arbitrary of its values. Union branches have different plain forms, so a value has one branch only. */
export interface SchemaAndValues {
  readonly json: unknown;
  readonly form: string;
  readonly values: fc.Arbitrary<unknown>;
}

const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ maxLength: 25 }), fc.constantFrom('', '\uFFFD', 'Nguyễn'));
const leaf = (json: unknown, form: string, values: fc.Arbitrary<unknown>): SchemaAndValues => ({ json, form, values });
const bound = 10n ** 20n - 1n;

let names = 0;
const fresh = (prefix: string) => `${prefix}${++names}`;

const leaves = fc.constantFrom<() => SchemaAndValues>(
  () => leaf('boolean', 'boolean', fc.boolean()),
  () => leaf('int', 'number', fc.integer()),
  () => leaf({ type: 'int', logicalType: 'date' }, 'number', fc.integer()),
  () => leaf('long', 'bigint', fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  () => leaf({ type: 'long', logicalType: 'timestamp-micros' }, 'bigint', fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n })),
  () => leaf('double', 'number', fc.double()),
  () => leaf('float', 'number', fc.float()),
  () => leaf('string', 'string', text),
  () =>
    leaf(
      'bytes',
      'bytes',
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    ),
  () => leaf({ type: 'bytes', logicalType: 'decimal', precision: 20, scale: 3 }, 'bigint', fc.bigInt({ min: -bound, max: bound })),
  () =>
    leaf(
      { type: 'fixed', name: fresh('F'), size: 3 },
      'bytes',
      fc.uint8Array({ minLength: 3, maxLength: 3 }).map((bytes) => Buffer.from(bytes)),
    ),
  () =>
    leaf(
      { type: 'fixed', name: fresh('D'), size: 9, logicalType: 'decimal', precision: 20, scale: 0 },
      'bigint',
      fc.bigInt({ min: -bound, max: bound }),
    ),
  () => leaf({ type: 'enum', name: fresh('E'), symbols: ['A', 'B', 'C'] }, 'string', fc.constantFrom('A', 'B', 'C')),
);

const key = fc.oneof(fc.string({ maxLength: 5 }), fc.constantFrom('__proto__', 'constructor', 'toString'));

/** Arbitrary schemas of every type, nested. */
export const schemasAndValues: fc.Arbitrary<SchemaAndValues> = fc.letrec<{ node: SchemaAndValues }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaves.map((make) => make()),
    tie('node').map(({ json, values }) => ({
      json: { type: 'array', items: json },
      form: 'array',
      values: fc.array(values, { maxLength: 4 }),
    })),
    tie('node').map(({ json, values }) => ({
      json: { type: 'map', values: json },
      form: 'object',
      values: fc
        .array(fc.tuple(key, values), { maxLength: 4 })
        .map((entries) => Object.assign(Object.create(null), ownEntries(entries)) as unknown),
    })),
    fc.array(tie('node'), { maxLength: 5 }).map((inner) => ({
      json: {
        type: 'record',
        name: fresh('R'),
        fields: [{ name: 'always', type: 'boolean' }, ...inner.map(({ json }, index) => ({ name: `f${index}`, type: json }))],
      },
      form: 'object',
      values: fc.record({ always: fc.boolean(), ...Object.fromEntries(inner.map(({ values }, index) => [`f${index}`, values])) }),
    })),
    fc.uniqueArray(tie('node'), { selector: ({ form }) => form, maxLength: 4 }).map((inner) => {
      const branches = inner.filter(
        ({ json, form }, index) => form !== 'union' && inner.findIndex((other) => typeName(other.json) === typeName(json)) === index,
      );
      return {
        json: ['null', ...branches.map(({ json }) => json)],
        form: 'union',
        values: fc.oneof(fc.constant(null), ...branches.map(({ values }) => values)),
      };
    }),
  ),
})).node;

/** What a union tells its branches apart by. */
function typeName(json: unknown): unknown {
  const { type, name } = (typeof json === 'object' && json !== null ? json : { type: json }) as { type: unknown; name?: unknown };
  return name ?? type;
}

function ownEntries(entries: readonly (readonly [string, unknown])[]): object {
  const map = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of entries) map[name] = value;
  return map;
}
