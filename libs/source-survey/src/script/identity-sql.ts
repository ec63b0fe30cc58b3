import { identityChoice, type PlannedTable } from '../capture-plan.js';
import { sqlName, sqlTable, type IdentityFacts, type TableFacts } from '../table-facts.js';
import type { Change } from './change.js';

/** What a table's old rows have to carry more, as changes that can be taken back. */
export function identityChange(facts: TableFacts, planned: PlannedTable): Change[] {
  const choice = identityChoice(facts, planned);
  const table = sqlTable(facts.table);
  switch (choice.kind) {
    case 'kept':
      return [];
    case 'full': {
      if (!choice.isNew) return [];
      const why = {
        en: `${facts.table}: whole old rows, because ${planned.identity.join(', ')} have to be known of a delete`,
        vi: `${facts.table}: gửi cả dòng cũ, vì khi xóa phải biết ${planned.identity.join(', ')}`,
      };
      const parts = [facts.identity, ...facts.leafIdentities.filter((leaf) => leaf.table !== facts.table)].filter(
        ({ kind }) => kind !== 'f',
      );
      return parts.map((one): Change => ({
        part: 'database',
        why,
        sql: `ALTER TABLE ${sqlTable(one.table)} REPLICA IDENTITY FULL`,
        undo: identitySql(one),
      }));
    }
    case 'index': {
      const why = {
        en: `${facts.table}: old rows carry ${choice.columns.join(', ')}, so that a delete says whose row it was`,
        vi: `${facts.table}: dòng cũ mang theo ${choice.columns.join(', ')}, để lệnh xóa cho biết dòng của ai`,
      };
      const index = sqlName(choice.index);
      const columns = choice.columns.map(sqlName).join(', ');
      const made: Change = {
        part: 'index',
        why,
        sql: `CREATE UNIQUE INDEX CONCURRENTLY ${index} ON ${table} (${columns})`,
        undo: `DROP INDEX CONCURRENTLY ${sqlName(facts.schema)}.${index}`,
      };
      const used: Change = {
        part: 'database',
        why,
        sql: `ALTER TABLE ${table} REPLICA IDENTITY USING INDEX ${index}`,
        undo: identitySql(facts.identity),
      };
      return choice.isNewIndex ? [made, used] : [used];
    }
  }
}

/** The statement that makes a table's replica identity what it is now. */
export function identitySql({ table, kind, index }: IdentityFacts): string {
  const set = (what: string): string => `ALTER TABLE ${sqlTable(table)} REPLICA IDENTITY ${what}`;
  switch (kind) {
    case 'd':
      return set('DEFAULT');
    case 'n':
      return set('NOTHING');
    case 'f':
      return set('FULL');
    case 'i':
      return index === null ? set('NOTHING') : set(`USING INDEX ${sqlName(index)}`);
  }
}
