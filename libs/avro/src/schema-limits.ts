/** What a schema may be at most (rule D12). */
export const schemaLimits = {
  textBytes: 64 * 1024,
  /** Nested types. */
  depth: 32,
  /** Fields of all records of one schema. */
  fields: 1000,
  nameChars: 255,
  fixedBytes: 64 * 1024,
} as const;
