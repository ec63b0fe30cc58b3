/** A schema with everything that is awkward in another language: names, docs, recursion, logical types, two names in different namespaces. */
export const oddSchema = {
  type: 'record',
  name: 'Row',
  namespace: 'vn.gov.int.test',
  doc: 'Ends a comment: */ and C:\\users, a {@link nothing} & <b>',
  fields: [
    {
      name: 'person_full_name',
      type: 'string',
      doc: 'Họ và tên\n*/ @deprecated',
      dictionaryElement: 'urn:vn:ddict:element:person.full-name@1.0.0',
    },
    { name: 'class', type: 'int' },
    { name: 'a_b', type: 'boolean' },
    { name: 'aB', type: ['null', 'long'], default: null },
    { name: '__proto__', type: 'double' },
    { name: '_', type: 'float' },
    { name: '_1', type: 'bytes' },
    { name: 'java', type: 'string' },
    { name: 'hashCode', type: 'string' },
    { name: 'to_string', type: 'string' },
    { name: 'constructor', type: 'null' },
    { name: 'born', type: ['null', { type: 'int', logicalType: 'date' }] },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-micros' } },
    { name: 'local', type: { type: 'long', logicalType: 'local-timestamp-millis' } },
    { name: 'time', type: { type: 'int', logicalType: 'time-millis' } },
    { name: 'amount', type: { type: 'bytes', logicalType: 'decimal', precision: 18, scale: 2 } },
    { name: 'share', type: ['null', { type: 'fixed', name: 'Share', size: 8, logicalType: 'decimal', precision: 10, scale: 4 }] },
    { name: 'id', type: { type: 'string', logicalType: 'uuid' } },
    { name: 'parent', type: ['null', 'Row'] },
    { name: 'others', type: { type: 'array', items: ['null', 'Row'] } },
    { name: 'named', type: { type: 'map', values: 'long' } },
    { name: 'either', type: ['int', 'double', 'string', { type: 'record', name: 'Row', namespace: 'vn.other', fields: [] }] },
    { name: 'kind', type: { type: 'enum', name: 'String', symbols: ['new', 'symbol', 'A', 'a', '_'] } },
    { name: 'hash', type: { type: 'fixed', name: 'Uint8Array', size: 16 } },
    {
      name: 'thing',
      type: {
        type: 'record',
        name: 'object',
        fields: [
          {
            name: 'java',
            type: {
              type: 'array',
              items: { type: 'record', name: 'record', namespace: 'java.lang', fields: [{ name: 'x', type: 'int' }] },
            },
          },
        ],
      },
    },
  ],
};

/** More fields than a constructor of Java has parameters for. */
export const wideSchema = {
  type: 'record',
  name: 'Wide',
  fields: Array.from({ length: 300 }, (_, index) => ({ name: `f_${index}`, type: 'long' })),
};
