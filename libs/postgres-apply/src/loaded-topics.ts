import { TrucError } from '@truc/kernel';
import type { TopicTable } from '@truc/pipeline';
import { qualifiedName } from './identifier.js';
import { SHAPE_LOCK } from './own-schema.js';
import type { Session } from './session.js';
import { sqlType } from './table-shape.js';

interface LoadedTopic {
  readonly consumer: string;
  readonly topic: string;
  readonly table_name: string;
  readonly columns: Readonly<Record<string, string>>;
}

/**
 * Which table each topic was loaded into, and with which columns. Offsets alone do not tell: read on from them into another table or into more columns, rows that do
 * not change any more would be missing there or lack them, and nobody would know.
 */
export class LoadedTopics {
  readonly #consumer: string;

  constructor(consumer: string) {
    this.#consumer = consumer;
  }

  /**
   * Remembers what is new, and holds what is known against it.
   * @throws TrucError APPLY_TABLE_DIFFERS, APPLY_COLUMNS_DIFFER, APPLY_TABLE_TAKEN; nothing was written then
   */
  async check(session: Session, loads: readonly TopicTable[]): Promise<void> {
    if (loads.length === 0) return;
    const wanted = loads.map(({ topic, table }) => ({ topic, table_name: qualifiedName(table), columns: columnsOf(table) }));
    await session.transaction(async () => {
      await session.query(SHAPE_LOCK);
      const { rows } = await session.query<LoadedTopic>(
        'SELECT consumer, topic, table_name, columns FROM truc.loaded_topics WHERE (consumer = $1 AND topic = ANY($2)) OR table_name = ANY($3)',
        [this.#consumer, wanted.map(({ topic }) => topic), wanted.map(({ table_name }) => table_name)],
      );
      for (const load of wanted) this.#judge(load, rows);
      await session.query(
        `INSERT INTO truc.loaded_topics (consumer, topic, table_name, columns)
         SELECT $1, topic, table_name, columns FROM jsonb_to_recordset($2::jsonb) AS load (topic text, table_name text, columns jsonb)
         ON CONFLICT (consumer, topic) DO NOTHING`,
        [this.#consumer, JSON.stringify(wanted)],
      );
    });
  }

  #judge({ topic, table_name: table, columns }: Omit<LoadedTopic, 'consumer'>, loaded: readonly LoadedTopic[]): void {
    const known = loaded.find((one) => one.consumer === this.#consumer && one.topic === topic);
    if (known !== undefined && known.table_name !== table) {
      throw new TrucError(
        'APPLY_TABLE_DIFFERS',
        `${topic} was loaded into ${known.table_name} and the policy now names ${table}: rows that do not change any more would be missing there, so nothing is applied. Take the change back; another name for a table is a view of it`,
      );
    }
    const other = loaded.find((one) => one.table_name === table && (one.consumer !== this.#consumer || one.topic !== topic));
    if (other !== undefined) {
      throw new TrucError(
        'APPLY_TABLE_TAKEN',
        `${table} was loaded from ${other.topic} (${other.consumer}) and the policy now brings ${topic} into it: their rows would mix, so nothing is applied. Take the change back; new terms are a contract of another name with a table of its own`,
      );
    }
    const differing = known === undefined ? [] : differences(known.columns, columns);
    if (differing.length > 0) {
      throw new TrucError(
        'APPLY_COLUMNS_DIFFER',
        `${topic} was loaded into ${table} with other columns than the policy now names (${differing.join(', ')}): rows that do not change any more would not follow, so nothing is applied. Take the change back; a new shape is a dataset of its own, new terms are a contract of another name`,
      );
    }
  }
}

function columnsOf({ columns }: TopicTable['table']): Record<string, string> {
  return Object.fromEntries(columns.map(({ name, type }) => [name, sqlType(type)]));
}

/** `+new`, `-gone` and `changed integer -> bigint`, in the order of their names; the order of columns means nothing. */
function differences(before: LoadedTopic['columns'], after: LoadedTopic['columns']): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted().flatMap((name) => {
    const [was, is] = [before[name], after[name]];
    if (was === is) return [];
    if (was === undefined) return [`+${name}`];
    return [is === undefined ? `-${name}` : `${name} ${was} -> ${is}`];
  });
}
