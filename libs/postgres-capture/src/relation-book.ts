import { TrucError } from '@truc/kernel';
import { joinTableName, type CapturedTable } from './captured-table.js';
import { formatLsn, type Lsn } from './lsn.js';
import type { RelationMessage } from './pgoutput-message.js';
import { knownRelation, sameShape, type KnownRelation } from './source-relation.js';
import type { TypeNames } from './type-names.js';

/** The relations that this connection's stream has announced. pgoutput announces each before its first row, and again whenever it may have changed. */
export class RelationBook {
  private readonly relations = new Map<number, KnownRelation>();
  private readonly tables: ReadonlyMap<string, CapturedTable>;

  /** @param isPartitioned whether the relation of this id has partitions */
  constructor(
    tables: readonly CapturedTable[],
    private readonly typeNames: TypeNames,
    private readonly isPartitioned: (id: number) => Promise<boolean>,
  ) {
    this.tables = new Map(tables.map((table) => [table.table, table]));
  }

  /** A repetition that changes nothing keeps the object, so that a consumer may compile per object. @throws TrucError when the catalogue cannot be read */
  async learn(message: RelationMessage): Promise<void> {
    const nameOf = await this.typeNames.resolve(message.columns.map(({ typeId }) => typeId));
    const columns = message.columns.map(({ name, typeId, inIdentity }) => ({ name, type: nameOf(typeId), inIdentity }));
    const { schema, table } = message;
    const captured = this.tables.get(joinTableName({ schema, table }));
    const isPartitioned = captured !== undefined && message.replicaIdentity === 'full' && (await this.isPartitioned(message.id));
    const learnt = knownRelation({ schema, table }, columns, message.replicaIdentity, captured, isPartitioned);
    const known = this.relations.get(message.id);
    if (known === undefined || !sameShape(known.relation, learnt.relation)) this.relations.set(message.id, learnt);
  }

  /** @throws TrucError CAPTURE_PROTOCOL when the stream never announced it */
  get(id: number, lsn: Lsn): KnownRelation {
    const known = this.relations.get(id);
    if (known !== undefined) return known;
    throw new TrucError('CAPTURE_PROTOCOL', `a row at LSN ${formatLsn(lsn)} belongs to relation ${id}, which the stream has not announced`);
  }
}
