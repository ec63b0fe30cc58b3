/** What a schema may be at most (rule D12). */
export const schemaLimits = {
  textBytes: 64 * 1024,
  /** Nested types. */
  depth: 32,
  /** Nested objects and arrays of the JSON text, attributes included: a type takes up to three of them. */
  jsonDepth: 128,
  /** Fields of all records of one schema. */
  fields: 1000,
  nameChars: 255,
  fixedBytes: 64 * 1024,
} as const;
