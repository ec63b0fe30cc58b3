import { describeSchema, type AvroSchema, type RecordField, type RecordSchema } from '@truc/avro';

/** A row record of a value schema and where it stands. */
export interface RowRecord {
  readonly record: RecordSchema;
  readonly path: string;
}

/** A field beside the row records that the envelope does not have. */
export interface StrayField {
  readonly name: string;
  readonly path: string;
  readonly type: string;
}

export interface ValueShape {
  readonly rows: readonly RowRecord[];
  readonly stray: readonly StrayField[];
}

const sourceFields: Readonly<Record<string, string>> = {
  connector: 'string',
  sourceId: 'string',
  ts_ms: 'long',
  snapshot: 'boolean',
  txId: '[null, string]',
  epoch: 'int',
  sequence: 'long',
  index: 'long',
  release: 'int',
};
const transactionFields: Readonly<Record<string, string>> = { id: 'string', total_order: 'long', data_collection_order: 'long' };
const plainFields: Readonly<Record<string, readonly string[]>> = { op: ['string'], ts_ms: ['long', '[null, long]', '[long, null]'] };

/**
 * Finds the row records of a value schema: those of `before` and `after` in an envelope, else the root itself.
 * What else an envelope carries has to be its own blocks, so that no datum travels beside the row.
 */
export function valueShape(root: AvroSchema): ValueShape {
  if (root.type !== 'record') return { rows: [], stray: [] };
  const isEnvelope = root.fields.some(({ name }) => name === 'after') && root.fields.some(({ name }) => name === 'op');
  if (!isEnvelope) return { rows: [{ record: root, path: '$' }], stray: [] };
  const rows: RowRecord[] = [];
  const stray: StrayField[] = [];
  root.fields.forEach((field, index) => {
    const path = `$.fields[${index}]`;
    if (field.name === 'before' || field.name === 'after') {
      const row = recordIn(field.schema, `${path}.type`);
      if (row === null) stray.push(strayField(field, path));
      else if (!rows.some(({ record }) => record === row.record)) rows.push(row);
    } else if (field.name === 'source' || field.name === 'transaction') {
      stray.push(...strayIn(field, path, field.name === 'source' ? sourceFields : transactionFields));
    } else if (plainFields[field.name]?.includes(describeSchema(field.schema)) !== true) {
      stray.push(strayField(field, path));
    }
  });
  return { rows, stray };
}

/** The record itself, or the one in its union with null. */
function recordIn(schema: AvroSchema, path: string): RowRecord | null {
  if (schema.type === 'record') return { record: schema, path };
  if (schema.type !== 'union' || schema.branches.length !== 2) return null;
  const index = schema.branches.findIndex((branch) => branch.type === 'record');
  const record = schema.branches[index];
  if (record?.type !== 'record' || schema.branches[1 - index]?.type !== 'null') return null;
  return { record, path: `${path}[${index}]` };
}

function strayIn(field: RecordField, path: string, known: Readonly<Record<string, string>>): StrayField[] {
  const block = recordIn(field.schema, `${path}.type`);
  if (block === null) return [strayField(field, path)];
  return block.record.fields.flatMap((inner, index) =>
    known[inner.name] === describeSchema(inner.schema) ? [] : [strayField(inner, `${block.path}.fields[${index}]`)],
  );
}

function strayField(field: RecordField, path: string): StrayField {
  return { name: field.name, path, type: describeSchema(field.schema) };
}
