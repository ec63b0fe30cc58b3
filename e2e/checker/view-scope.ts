/** A view's envelope has these and no more; `before` and whatever else there is may not be filled. */
const ofEnvelope = new Set(['after', 'op', 'ts_ms', 'source']);
/** Position and time. */
const ofSource = new Set(['epoch', 'sequence', 'index', 'ts_ms']);

/** Parts of a view's decoded envelope that are filled and may not be: `before`, `transaction`, `source.sourceId`. */
export function beyondView(envelope: Readonly<Record<string, unknown>>): string[] {
  const { source } = envelope as { readonly source?: Readonly<Record<string, unknown>> | null };
  return [...filledBeside(ofEnvelope, envelope), ...filledBeside(ofSource, source ?? {}).map((name) => `source.${name}`)];
}

function filledBeside(allowed: ReadonlySet<string>, record: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(record).flatMap(([name, value]) => (allowed.has(name) || value === null || value === undefined ? [] : [name]));
}
