import type { DictionaryRelease } from '@truc/dictionary';
import { proposeMapping, vocabularyOf, type ProposalTable, type TableProposal, type Vocabulary } from '@truc/mapping-proposal';
import { sampleRows, surveyOf, withSurveySession, type DatabaseSurvey, type SessionOptions } from '@truc/source-survey';

export interface ProposedSource {
  readonly survey: DatabaseSurvey;
  readonly vocabulary: Vocabulary;
  readonly proposals: readonly TableProposal[];
}

/**
 * Looks at a database and some rows of each table, and proposes a mapping for it. The rows do not leave this function.
 * @param about whose database it is, and where: a schema, or null for all
 * @throws TrucError SURVEY_*
 */
export async function proposedSource(
  url: string,
  about: { readonly agency: string; readonly schema: string | null; readonly publication: string },
  dictionary: { readonly release: DictionaryRelease; readonly groupLabels: ReadonlyMap<string, readonly string[]> },
  session: SessionOptions,
): Promise<ProposedSource> {
  const vocabulary = vocabularyOf(dictionary.release, dictionary.groupLabels);
  return withSurveySession(url, session, async (open) => {
    const survey = await surveyOf(open, { role: null, publication: about.publication, tables: null, schema: about.schema });
    const tables: ProposalTable[] = [];
    for (const facts of survey.tables) tables.push({ ...facts, samples: await sampleRows(open, facts) });
    return { survey, vocabulary, proposals: proposeMapping(tables, vocabulary, about.agency) };
  });
}
