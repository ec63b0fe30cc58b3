import { versionIncompatibilities, type VersionIncompatibility } from '@truc/avro';
import { reservedFields } from './metadata.js';
import type { SchemaDocument } from './schema-document.js';
import { configInScope } from './scope.js';
import { subjectParts } from './subject.js';
import { liveVersions, type SentSchema, type SubjectState, type SubjectVersion } from './subject-version.js';

/** Longest text of an old schema that is told with what is wrong. */
const oldSchemaCharsMax = 10 * 1024;

/**
 * Why a schema may not follow the subject's versions at its level; empty when it may. In the shape that Confluent's registry gives such messages: what is wrong, the version that it concerns, the settings.
 * @param against `all`: as at a registration; a version: that one alone, as Confluent's check of one version does
 */
export function incompatibilityMessages(
  state: SubjectState,
  { schema }: Pick<SchemaDocument, 'schema'>,
  sent: Pick<SentSchema, 'metadata'>,
  against: 'all' | number,
): string[] {
  const { isProtected } = subjectParts(state.subject);
  const { compatibilityLevel: level, compatibilityGroup: group, validateFields } = configInScope(state.subject, state.scopes);
  // A deleted version's data may still be in a compacted topic, so it counts where the level is not the owner's choice.
  const all = isProtected && against === 'all' ? state.versions : liveVersions(state);
  const chosen = against === 'all' ? all : all.filter(({ version }) => version === against);
  const grouped = group === null ? chosen : chosen.filter((each) => valueOf(each, group) === valueOf(sent, group));
  // Of the others the schema is not asked for: it is read when it is.
  const compared = level === 'NONE' ? [] : level.endsWith('_TRANSITIVE') ? grouped : grouped.slice(-1);
  const problems = versionIncompatibilities(
    level,
    schema,
    compared.map((version) => version.schema),
  );
  const messages = validateFields === true ? reservationMessages(schema, sent, chosen.at(-1)) : [];
  for (const [index, version] of [...compared.entries()].reverse()) {
    const own = problems.filter((problem) => problem.against === index);
    if (own.length === 0) continue;
    messages.push(...own.map(messageOf), `{oldSchemaVersion: ${version.version}}`, `{oldSchema: '${shortened(version.text)}'}`);
  }
  return messages.length === 0 ? [] : [...messages, `{validateFields: '${validateFields === true}', compatibility: '${level}'}`];
}

function valueOf({ metadata }: Pick<SentSchema, 'metadata'>, group: string): string | null {
  return metadata?.properties[group] ?? null;
}

function messageOf({ kind, message, path, direction, detail }: VersionIncompatibility): string {
  const [reader, writer] = direction === 'new-reads-old' ? ['new', 'old'] : ['old', 'new'];
  const description = `the ${reader} schema cannot read data of the ${writer} schema at path '${path}': ${message}`;
  return `{errorType:'${kind}', description:'${description}', additionalInfo:'${detail}'}`;
}

function shortened(text: string): string {
  return text.length <= oldSchemaCharsMax ? text : `${text.slice(0, oldSchemaCharsMax)}...`;
}

/** Names that the metadata keep free stay kept, and no field takes one. */
function reservationMessages(
  schema: SchemaDocument['schema'],
  sent: Pick<SentSchema, 'metadata'>,
  previous: SubjectVersion | undefined,
): string[] {
  const kept = new Set(reservedFields(sent.metadata));
  const given = new Set(schema.type === 'record' ? schema.fields.map(({ name }) => name) : []);
  return [
    ...reservedFields(previous?.metadata ?? null)
      .filter((name) => !kept.has(name))
      .map((name) => `the new schema does not reserve the field ${name} any more, which the old schema does`),
    ...[...kept].filter((name) => given.has(name)).map((name) => `the new schema has the field ${name}, which its metadata reserve`),
  ];
}
