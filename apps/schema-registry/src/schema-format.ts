import { besideSubject, contextOf, defaultContext } from '@truc/registry';
import type { CataloguedVersion, Registered, SchemaCatalogue } from '@truc/registry-store';
import { all, first, type QueryParameters } from './query-parameters.js';

/** A version as `format` and `referenceFormat` ask for it: `resolved` brings what it refers to inside, `qualified` full names of what it refers to. Unknown formats are let pass. */
export async function formatted<V extends CataloguedVersion>(catalogue: SchemaCatalogue, version: V, query: QueryParameters): Promise<V> {
  const isQualified = first(query, 'referenceFormat') === 'qualified' && contextOf(version.subject) !== defaultContext;
  const references = isQualified
    ? version.references.map((reference) => ({ ...reference, subject: besideSubject(version.subject, reference.subject) }))
    : version.references;
  return { ...version, references, schema: isResolved(version, query) ? await catalogue.resolved(version) : version.schema };
}

/** What was registered, as `format` asks for it. */
export async function formattedText<R extends Registered>(catalogue: SchemaCatalogue, registered: R, query: QueryParameters): Promise<R> {
  if (!isResolved(registered, query)) return registered;
  return { ...registered, text: await catalogue.resolved({ ...registered, schema: registered.text }) };
}

function isResolved({ references }: Pick<CataloguedVersion, 'references'>, query: QueryParameters): boolean {
  return first(query, 'format').trim() === 'resolved' && references.length > 0;
}

/** Where a schema has the tags that `findTags` names; `*` names all of them. */
export async function askedTags(
  catalogue: SchemaCatalogue,
  version: CataloguedVersion,
  query: QueryParameters,
): Promise<{ schemaTags?: object }> {
  const wanted = all(query, 'findTags');
  const found = wanted.length === 0 ? [] : await catalogue.tags(version, wanted);
  return found.length === 0 ? {} : { schemaTags: found };
}
