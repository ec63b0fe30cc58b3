import { metadataAnswer, ruleSetAnswer, type SentSchema } from '@truc/registry';
import type { CataloguedVersion, Registered } from '@truc/registry-store';

/** A schema in Confluent's shape: what is empty is left out. */
function schemaAnswer({
  guid,
  schema,
  references,
  metadata,
  ruleSet,
}: Omit<SentSchema, 'text'> & { readonly guid: string; readonly schema: string }) {
  return {
    guid,
    schemaType: 'AVRO',
    ...(references.length === 0 ? {} : { references }),
    ...(metadata === null ? {} : { metadata: metadataAnswer(metadata) }),
    ...(ruleSet === null ? {} : { ruleSet: ruleSetAnswer(ruleSet) }),
    schema,
  };
}

export function versionAnswer(found: CataloguedVersion) {
  const { subject, version, id, registeredAtMs, isDeleted } = found;
  return { subject, version, id, ...schemaAnswer(found), ts: registeredAtMs, deleted: isDeleted };
}

/** A schema by its id or GUID. @param isNamed whether a subject was named: then it is told which version was found */
export function idAnswer(found: CataloguedVersion, isNamed: boolean) {
  const { subject, version, registeredAtMs, isDeleted } = found;
  return { ...(isNamed ? { subject, version } : {}), ...schemaAnswer(found), ts: registeredAtMs, deleted: isDeleted };
}

export function registrationAnswer(registered: Registered) {
  const { id, version, text, warnings } = registered;
  return { id, version, ...schemaAnswer({ ...registered, schema: text }), ...(warnings.length === 0 ? {} : { warnings }) };
}
