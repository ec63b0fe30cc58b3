import type { SurveySession } from './survey-session.js';

export interface PublishedTableFacts {
  /** `schema.table`, as the stream names it. */
  readonly table: string;
  /** Null where the whole row is published. */
  readonly columns: readonly string[] | null;
  readonly hasRowFilter: boolean;
}

export interface PublicationFacts {
  readonly name: string;
  readonly owner: string;
  readonly allTables: boolean;
  /** Partitions go under their root's name. */
  readonly viaRoot: boolean;
  /** Inserts, updates, deletes and truncates alike. */
  readonly publishesEverything: boolean;
  readonly tables: readonly PublishedTableFacts[];
}

/** Column lists and row filters came with PostgreSQL 15; through jsonb what is not there is null. A list that is not written is none, whatever the view spells out. */
const PUBLICATION = `
  SELECT json_build_object(
    'name', p.pubname, 'owner', pg_get_userbyid(p.pubowner), 'allTables', p.puballtables, 'viaRoot', p.pubviaroot,
    'publishesEverything', p.pubinsert AND p.pubupdate AND p.pubdelete AND p.pubtruncate,
    'tables', (SELECT coalesce(json_agg(json_build_object(
        'table', t.schemaname || '.' || t.tablename,
        'hasRowFilter', to_jsonb(t) ->> 'rowfilter' IS NOT NULL,
        'columns', CASE WHEN to_jsonb(r) ->> 'prattrs' IS NULL THEN NULL ELSE to_jsonb(t) -> 'attnames' END) ORDER BY 1), '[]')
      FROM (SELECT * FROM pg_publication_tables WHERE pubname = p.pubname LIMIT 5000) t
      LEFT JOIN pg_publication_rel r ON r.prpubid = p.oid AND r.prrelid = (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                                                                          WHERE n.nspname = t.schemaname AND c.relname = t.tablename))
  ) FROM pg_publication p WHERE p.pubname = $1`;

/** @returns null where there is no such publication @throws TrucError SURVEY_* */
export async function readPublicationFacts(session: SurveySession, name: string): Promise<PublicationFacts | null> {
  return (await session.value<PublicationFacts | undefined>('reading the publication', PUBLICATION, [name])) ?? null;
}
