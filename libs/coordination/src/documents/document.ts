/**
 * The documents that people write, as shapes: one top-level key tells the kind. A refusal's message is a code of the problem catalogue wherever the rule
 * has a sentence of its own.
 */
import { ruleChoices, valueMask } from '@truc/dictionary';
import { isAgencyCode } from '@truc/kernel';
import { z } from 'zod';

const text = z.string().min(1).max(1000);
const element = z.string().min(1).max(300);
const bilingual = z.strictObject({ vi: text, en: text });
const agencyCode = z.string().refine(isAgencyCode, 'DOCUMENT_AGENCY_CODE');
const namePattern = '[a-z][a-z0-9-]{0,62}';
const name = z.string().regex(new RegExp(`^${namePattern}$`), 'DOCUMENT_NAME');
/** A database may have an underscore; a subject may not: `a_b.c` and `a.b_c` would be one topic to Kafka, which takes dots and underscores for the same. */
const databasePattern = '[a-z][a-z0-9_-]{0,62}';
const databaseName = z.string().regex(new RegExp(`^${databasePattern}$`), 'DOCUMENT_DATABASE_NAME');
const datasetName = z.string().regex(new RegExp(`^${databasePattern}\\.${namePattern}$`), 'DOCUMENT_DATASET_NAME');
/** `schema.table`; the names themselves may be anything PostgreSQL takes. */
const qualifiedTable = z
  .string()
  .max(127)
  .regex(/^[^.]+\.[^.]+$/, 'DOCUMENT_TABLE_NAME');
const identifier = z.string().min(1).max(63);

/** Where an agency's authority ends: codes of a value domain, such as the provinces that are its own. Given by the administrator, like everything about agencies. */
const agencyScope = z.strictObject({ domain: z.string().min(1).max(300), codes: z.array(z.string().min(1).max(100)).min(1).max(10_000) });
export type AgencyScope = z.infer<typeof agencyScope>;

export const agencyDocument = z.strictObject({
  agency: z.strictObject({ code: agencyCode, name: bilingual, scope: agencyScope.optional() }),
});

/** Number of partitions of a dataset that does not say: six, so that two, three or six consumers share them evenly. */
export const partitionsDefault = 6;

export const datasetDocument = z.strictObject({
  dataset: z.strictObject({
    name: datasetName,
    agency: agencyCode,
    generation: z.int().min(1).max(9999).default(1),
    title: bilingual,
    partitions: z.int().min(1).max(256).default(partitionsDefault),
    /** By value rule: what becomes of a row that breaks it; quarantine where nothing is said. */
    rules: ruleChoices.optional(),
    /** Which element tells whose scope a row belongs to (V7), where several could. */
    scopeElement: element.optional(),
    /** No two live rows have one code (V9). */
    oneRowPerCode: z.boolean().optional(),
  }),
});

/** Anything here: libs/mapping reads it strictly and says what is wrong with it. */
const transform = z.unknown().default(null);

const remark = z.string().max(4000).nullable().optional();

const columnDocument = z.strictObject({
  column: identifier,
  element: element.nullable(),
  transform: transform,
  remark,
  /** The column holds a copy of another agency's datum (D7). */
  reference: z.boolean().default(false),
  /** Left out, it is masked for a sensitive element and none for others (D8). */
  protection: z.enum(['none', 'masked', 'encrypted']).optional(),
  /** A row without it goes to quarantine (V4). The code element is always required. */
  required: z.boolean().optional(),
});
export type ColumnDocument = z.infer<typeof columnDocument>;

const tableDocument = z.strictObject({
  table: qualifiedTable,
  subject: name,
  publish: z.boolean(),
  /** Why a table that is not published cannot be, for the reader. */
  refused: remark,
  primaryKey: z.array(identifier).max(32),
  identification: z.strictObject({
    column: z.string().min(1).max(1000),
    element,
    via: z.string().min(1).max(1000).nullable().default(null),
    transform: transform,
  }),
  remark,
  /** Column whose date the codes of a row apply to. */
  referenceDate: identifier.nullable().optional(),
  columns: z.array(columnDocument).min(1).max(1000),
});
export type TableDocument = z.infer<typeof tableDocument>;

export const sourceDocument = z.strictObject({
  version: text.optional(),
  source: z.strictObject({
    agency: agencyCode,
    database: databaseName,
    schema: identifier,
    name: bilingual,
    /** How many bytes of its log the source may be made to keep for datasets that are stopped, while the others go on: 10 GiB where nothing is said. Past it such a dataset has a gap. */
    heldLogBytesMax: z
      .int()
      .min(1_048_576)
      .max(2 ** 50)
      .optional(),
  }),
  tables: z.array(tableDocument).min(1).max(1000),
});

export const contractDocument = z.strictObject({
  contract: z.strictObject({
    name,
    consumer: agencyCode,
    dataset: datasetName,
    generation: z.int().min(1).max(9999).optional(),
    elements: z.array(element).min(1).max(1000),
    /** What becomes of the values of elements before they leave: `year`, `last-4`, `hash`. */
    masks: z.record(element, valueMask).optional(),
    purpose: bilingual,
    legalBasis: text,
    validFrom: z.iso.date(),
    validTo: z.iso.date().nullable().default(null),
    target: z.strictObject({ database: databaseName, table: z.string().min(1).max(127) }),
  }),
});

export type AgencyDocument = z.infer<typeof agencyDocument>;
export type DatasetDocument = z.infer<typeof datasetDocument>;
export type SourceDocument = z.infer<typeof sourceDocument>;
export type ContractDocument = z.infer<typeof contractDocument>;

export const documentShapes = {
  agency: agencyDocument,
  dataset: datasetDocument,
  source: sourceDocument,
  contract: contractDocument,
} as const;
export type DocumentKind = keyof typeof documentShapes;
export const documentKinds = Object.keys(documentShapes) as DocumentKind[];

export type Document =
  | { readonly kind: 'agency'; readonly name: string; readonly agency: string; readonly body: AgencyDocument }
  | { readonly kind: 'dataset'; readonly name: string; readonly agency: string; readonly body: DatasetDocument }
  | { readonly kind: 'source'; readonly name: string; readonly agency: string; readonly body: SourceDocument }
  | { readonly kind: 'contract'; readonly name: string; readonly agency: string; readonly body: ContractDocument };

/** Parses a stored body again and gives it its name: `G01`, `population.resident`, `G01/population`, `tax-residents`. @throws ZodError */
export function documentOf(kind: DocumentKind, value: unknown): Document {
  switch (kind) {
    case 'agency': {
      const body = agencyDocument.parse(value);
      return { kind, name: body.agency.code, agency: body.agency.code, body };
    }
    case 'dataset': {
      const body = datasetDocument.parse(value);
      return { kind, name: body.dataset.name, agency: body.dataset.agency, body };
    }
    case 'source': {
      const body = sourceDocument.parse(value);
      return { kind, name: sourceName(body), agency: body.source.agency, body };
    }
    case 'contract': {
      const body = contractDocument.parse(value);
      return { kind, name: body.contract.name, agency: body.contract.consumer, body };
    }
  }
}

/** `G01/population`: a source is known by its agency and its database. */
export function sourceName({ source }: SourceDocument): string {
  return `${source.agency}/${source.database}`;
}

/** The dataset that a table of a source goes to. */
export function datasetOf(source: SourceDocument, table: { readonly subject: string }): string {
  return `${source.source.database}.${table.subject}`;
}
