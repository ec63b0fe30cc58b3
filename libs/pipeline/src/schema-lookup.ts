/** What the flows need of a schema registry. libs/registry-client implements it with a bounded cache. */
export interface SchemaLookup {
  /**
   * The schema's JSON text with all that it refers to inside; null when the registry answers that there is no such id.
   * @throws TrucError REGISTRY_UNREACHABLE (retry); REGISTRY_REFUSED where the registry will not hand this schema out
   */
  schemaById(id: number): Promise<string | null>;
  /** The id under which `subject` holds this schema, whatever else is told of it there; null when it does not. @throws TrucError REGISTRY_UNREACHABLE (retry) */
  idOf(subject: string, schema: string): Promise<number | null>;
  /** Whether an id is that of a version which `subject` has or had. @throws TrucError REGISTRY_UNREACHABLE (retry) */
  hasVersion(subject: string, id: number): Promise<boolean>;
}
