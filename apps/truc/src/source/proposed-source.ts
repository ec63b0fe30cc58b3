import type { DictionaryRelease } from '@truc/dictionary';
import { proposeMapping, vocabularyOf, type ProposalTable, type TableProposal, type Vocabulary } from '@truc/mapping-proposal';
import { TrucError } from '@truc/kernel';
import {
  sampleRows,
  surveyOf,
  withSurveySession,
  type DatabaseSurvey,
  type SampledRows,
  type SessionOptions,
  type SurveySession,
  type TableFacts,
} from '@truc/source-survey';

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
    for (const facts of survey.tables) tables.push({ ...facts, samples: await samplesOf(open, facts) });
    return { survey, vocabulary, proposals: proposeMapping(tables, vocabulary, about.agency) };
  });
}

/** A table that is locked, slow or closed to whoever looks is judged by its names and types; the others are not held up by it. */
async function samplesOf(session: SurveySession, facts: TableFacts): Promise<SampledRows> {
  try {
    return await sampleRows(session, facts);
  } catch (error) {
    if (error instanceof TrucError && (error.code === 'SURVEY_TOO_SLOW' || error.code === 'SURVEY_NOT_PERMITTED'))
      return { columns: [], rows: [] };
    throw error;
  }
}
