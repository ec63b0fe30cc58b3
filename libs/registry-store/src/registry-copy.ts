import { noConfig, RegistryRefusal, type Mode, type SubjectConfig } from '@truc/registry';
import type { DataSource, EntityManager } from 'typeorm';
import { answering, inChange } from './database.js';
import { ContextRow } from './entities.js';
import type { Page } from './schema-catalogue.js';

/** A context and the highest id that was ever given in it. */
export interface LastId {
  readonly context: string;
  readonly lastId: number;
}

/** What was set under a name: a subject, a context (`:.staging:`), or all (the empty name). */
export interface NamedSettings {
  readonly name: string;
  readonly config: SubjectConfig | null;
  readonly mode: Mode | null;
}

/** Highest id that can be taken over: the next one counts on from there. */
export const lastIdMax = 2_000_000_000;

/** What a copy of a registry needs and the API of Confluent does not tell. Methods throw RegistryRefusal storeFailed, storeUnavailable. */
export class RegistryCopy {
  readonly #database: DataSource;

  constructor(database: DataSource) {
    this.#database = database;
  }

  lastIds(): Promise<LastId[]> {
    return answering(() =>
      this.#database.query<LastId[]>(`SELECT name AS context, last_id AS "lastId" FROM registry.context ORDER BY name`),
    );
  }

  /** No id up to these is given again; what is higher already stays. */
  raiseLastIds(ids: readonly LastId[]): Promise<void> {
    return inChange(this.#database, async (manager) => {
      for (const { context, lastId } of ids) {
        await manager.query(
          `INSERT INTO registry.context (name, last_id, is_listed) VALUES ($1, $2, false)
           ON CONFLICT (name) DO UPDATE SET last_id = greatest(context.last_id, excluded.last_id)`,
          [context, lastId],
        );
      }
    });
  }

  /** Everything that was set, by name; what says nothing is left out. */
  settings({ offset, limit }: Page): Promise<NamedSettings[]> {
    return answering(async () => {
      const rows = await this.#database.query<{ subject: string; config: Partial<SubjectConfig> | null; mode: Mode | null }[]>(
        `SELECT subject, config, mode FROM registry.subject_settings WHERE config IS NOT NULL OR mode IS NOT NULL ORDER BY subject OFFSET $1 LIMIT $2`,
        [offset, limit],
      );
      return rows.map(({ subject, config, mode }) => ({
        name: subject,
        config: config === null ? null : { ...noConfig, ...config },
        mode,
      }));
    });
  }
}

/**
 * A lost registry comes back: what its own export holds was judged when it was registered, so it is not judged again. That must be no door for anything else, so it is open only until something is registered otherwise.
 * @throws RegistryRefusal operationNotPermitted
 */
export async function demandRestorable(manager: EntityManager): Promise<void> {
  const used = await manager.findOneBy(ContextRow, { isUsed: true });
  if (used === null) return;
  throw new RegistryRefusal(
    'operationNotPermitted',
    'Only a registry in which nothing was registered yet can be restored: stop the platform, which registers schemas by itself, give the registry an empty database, and restore before anybody else registers',
  );
}
