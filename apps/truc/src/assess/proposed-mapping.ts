import { isAgencyCode, type Language } from '@truc/kernel';
import type { DocumentFile } from '@truc/coordination';
import type { DictionaryRelease } from '@truc/dictionary';
import { sureFrom } from '@truc/mapping-proposal';
import type { SessionOptions } from '@truc/source-survey';
import { documentFiles } from '../document-files.js';
import { UsageError } from '../exit-code.js';
import { shippedDictionary } from '../schema/offline-policy.js';
import { groupLabels } from '../source/group-labels.js';
import { datasetsYaml, proposedTables, sourceYaml, type ProposedTable } from '../source/proposal-documents.js';
import { proposedSource } from '../source/proposed-source.js';
import type { SourceAccess } from '../source/source-access.js';
import { sourceMappingOf, type SourceMapping } from '../source/source-mapping.js';
import { commonSchema, databaseName } from '../source/source-naming.js';
import type { MappingOrigin } from './assessment.js';

export interface ProposalWish {
  readonly agency?: string;
  readonly schema?: string;
  /** Where the dictionary is; the one that is shipped where nothing is said. */
  readonly dictionary: string | null;
  readonly access: SourceAccess;
  readonly release: DictionaryRelease;
  readonly workingDirectory: string;
  readonly language: Language;
}

export interface ProposedMapping {
  readonly mapping: SourceMapping;
  readonly origin: MappingOrigin;
  /** By table, the lowest confidence of what it publishes. */
  readonly confidences: ReadonlyMap<string, number>;
}

/** What `source init` would write, in memory. A table of which `apply` would refuse something is left out with the reason. @throws UsageError, TrucError SURVEY_* */
export async function proposedMapping(wish: ProposalWish, session: SessionOptions): Promise<ProposedMapping> {
  const { access, agency = '', schema = null, release, language, workingDirectory } = wish;
  if (!isAgencyCode(agency)) throw new UsageError(`an agency is named by its code, as in G01 or G12.34, not "${agency}"`);
  const labels = groupLabels(documentFiles(wish.dictionary ?? shippedDictionary, workingDirectory));
  const about = { agency, schema, publication: access.publication };
  const { vocabulary, proposals } = await proposedSource(access.url, about, { release, groupLabels: labels }, session);
  const database = databaseName(access.shown.slice(access.shown.indexOf('/') + 1), false);
  let { tables } = proposedTables(proposals, language);
  if (tables.length === 0)
    return {
      mapping: nothing(`${agency}/${database}`, agency, database),
      origin: { kind: 'proposed', sure: 0, unsure: 0 },
      confidences: new Map(),
    };
  const naming = { agency, database, schema: schema ?? commonSchema(tables.map(({ proposal }) => proposal.table.table)) };
  for (;;) {
    const files: DocumentFile[] = [
      { path: 'source.yaml', text: sourceYaml(tables, naming, vocabulary, language) },
      { path: 'datasets.yaml', text: datasetsYaml(tables, naming, language) },
    ];
    const mapping = sourceMappingOf(files, null, 'the proposal', { release, language });
    const without = withoutRefused(tables, files, mapping);
    if (without === null) return { mapping, ...confidenceOf(tables) };
    tables = without;
  }
}

/** The tables with one less to publish for each that something is wrong with; null where nothing is, or nothing can be said of a table. */
function withoutRefused(
  tables: readonly ProposedTable[],
  [source]: readonly DocumentFile[],
  { problems }: SourceMapping,
): ProposedTable[] | null {
  const lines = (source?.text ?? '').split('\n');
  const refused = new Map<string, string>();
  for (const { file, line, message } of problems) {
    if (file !== source?.path) continue;
    const start = lines.slice(0, line).findLast((text) => text.startsWith('  - table: '));
    const table = tables.find(({ proposal, publish }) => publish && start !== undefined && start.includes(proposal.table.table));
    if (table !== undefined) refused.set(table.proposal.table.table, message);
  }
  if (refused.size === 0) return null;
  return tables.map((table) => {
    const reason = refused.get(table.proposal.table.table);
    return reason === undefined ? table : { ...table, publish: false, refused: reason };
  });
}

function confidenceOf(tables: readonly ProposedTable[]): Pick<ProposedMapping, 'origin' | 'confidences'> {
  const published = tables.filter(({ publish }) => publish);
  const entries = published.map(({ proposal }) => {
    const columns = proposal.columns.flatMap(({ proposals }) => proposals.filter(({ withheld }) => withheld === null));
    return {
      table: proposal.table.table,
      confidences: [...columns, ...(proposal.identification === null ? [] : [proposal.identification])].map(({ confidence }) => confidence),
    };
  });
  const all = entries.flatMap(({ confidences }) => confidences);
  const sure = all.filter((confidence) => confidence >= sureFrom).length;
  return {
    origin: { kind: 'proposed', sure, unsure: all.length - sure },
    confidences: new Map(entries.map(({ table, confidences }) => [table, Math.min(...confidences)])),
  };
}

function nothing(name: string, agency: string, database: string): SourceMapping {
  return { name, agency, database, problems: [], tables: [], mapped: [], leftOut: [] };
}
