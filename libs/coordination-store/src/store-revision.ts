import type { EntityManager } from 'typeorm';

/** What an apply, a proposal or a release of a principal is planned on, as one text: as long as it is the same, so are the documents, the latest release and the principal's open proposals. */
export async function storeRevision(manager: EntityManager, principal: string): Promise<string> {
  const [row] = await manager.query<{ revision: string }[]>(
    `SELECT concat_ws('/',
       (SELECT count(*) || '.' || coalesce(sum(revision), 0) FROM coordination.document),
       (SELECT coalesce(max(number), 0) FROM coordination.dictionary_release),
       (SELECT coalesce(string_agg(number::text, ',' ORDER BY number), '') FROM coordination.dictionary_proposal
         WHERE proposer = $1 AND state = 'proposed')) AS revision`,
    [principal],
  );
  return row?.revision ?? '';
}
