/** The dictionary as it is written down (ISO/IEC 11179: Concept, DataElement, ValueDomain, CodeList): the shapes of schemas/dictionary and of a release's parts on the policy topic. */
import { isAgencyCode } from '@truc/kernel';
import { z } from 'zod';

const nonEmpty = z.string().min(1);
const bilingual = z.strictObject({ vi: nonEmpty, en: nonEmpty });
const version = z.string().regex(/^[0-9]+\.[0-9]+\.[0-9]+$/, 'a version is three numbers, as in 1.0.0');
const localName = '[a-z0-9]+(-[a-z0-9]+)*';

function urn(kind: 'concept' | 'element' | 'domain' | 'codelist') {
  const dotted = kind === 'concept' || kind === 'element' ? `${localName}\\.${localName}` : localName;
  return z.string().regex(new RegExp(`^urn:vn:ddict:${kind}:${dotted}$`), `not a urn:vn:ddict:${kind}: name`);
}

const status = z.enum(['proposed', 'approved', 'deprecated', 'retired']);
export type Status = z.infer<typeof status>;

const classification = z.enum(['open', 'shared', 'personal', 'sensitive-personal', 'state-secret']);
export type Classification = z.infer<typeof classification>;

/** What every entry has beside its meaning: who keeps it, and where it belongs. */
const keeping = {
  /** Agency that keeps the entry and may propose changes of it; null where the dictionary authority does. */
  steward: z.string().refine(isAgencyCode, 'a steward is an agency code as in G12.34').nullable().default(null),
  /** National master data, or specialised master data of the ministry that is its steward. Both are in one release, so that references between them resolve. */
  tier: z.enum(['national', 'specialised']).default('national'),
};

export const conceptEntry = z.strictObject({
  id: urn('concept'),
  version: version.default('1.0.0'),
  objectClass: z.strictObject({ code: nonEmpty, vi: nonEmpty, en: nonEmpty }),
  property: nonEmpty,
  label: bilingual,
  definition: bilingual,
  status: status.default('approved'),
  ...keeping,
});
export type Concept = z.infer<typeof conceptEntry>;

export const elementEntry = z.strictObject({
  id: urn('element'),
  version,
  label: bilingual,
  definition: bilingual,
  concept: urn('concept'),
  valueDomain: urn('domain'),
  classification,
  legalBasis: nonEmpty.nullable(),
  /** The agency whose datum it is: `G01`; a class of agencies, each within its own scope: `H*`. */
  authoritativeSource: z.string().regex(/^[A-Z]([0-9]{2}(\.[A-Z0-9]{1,3})*|\*)$/, 'not an agency code (G01) or a class of agencies (H*)'),
  /** The one dataset of that agency, where the agency alone does not decide it. */
  authoritativeDataset: nonEmpty.nullable().default(null),
  isMasterKey: z.boolean(),
  status,
  supersededBy: urn('element').nullable(),
  validFrom: z.iso.date(),
  validTo: z.iso.date().nullable(),
  /** Dates of the same thing that this date does not lie before (rule V6), where a row has both. */
  notBefore: z.array(urn('element')).default([]),
  ...keeping,
});
export type ElementEntry = z.infer<typeof elementEntry>;

const decimalText = z.string().regex(/^-?[0-9]+(\.[0-9]+)?$/, 'a bound is a decimal number as text');

export const valueDomainEntry = z.strictObject({
  id: urn('domain'),
  version,
  label: bilingual,
  definition: bilingual.nullable().default(null),
  avroType: z.enum(['string', 'int', 'long', 'boolean', 'double', 'bytes']),
  logicalType: z.enum(['date', 'timestamp-micros', 'decimal']).nullable(),
  /** Unicode code points. */
  minLength: z.int().nonnegative().nullable(),
  maxLength: z.int().positive().nullable(),
  precision: z.int().positive().max(38).nullable(),
  scale: z.int().nonnegative().nullable(),
  minimum: decimalText.nullable(),
  maximum: decimalText.nullable(),
  pattern: nonEmpty.nullable(),
  codeList: urn('codelist').nullable(),
  unit: nonEmpty.nullable(),
  checkRule: nonEmpty.nullable(),
  status,
  ...keeping,
});
export type ValueDomain = z.infer<typeof valueDomainEntry>;

/** Characters of a code in a list that a new release brings; one that was made earlier may have longer ones. */
export const codeCharsMax = 100;
const code = nonEmpty;

const codeListEntry = z.strictObject({
  code,
  label: bilingual.nullable().default(null),
  validFrom: z.iso.date(),
  /** Last day in force; null is still in force. */
  validTo: z.iso.date().nullable(),
  /** The code that took its place, where one did. */
  supersededBy: code.nullable().default(null),
  /** The unit that it is a part of, in the list above: the province of a commune. */
  parent: code.nullable().default(null),
});
export type CodeListEntry = z.infer<typeof codeListEntry>;

export const codeListDefinition = z.strictObject({
  id: urn('codelist'),
  version: version.default('1.0.0'),
  label: bilingual.nullable().default(null),
  definition: bilingual.nullable().default(null),
  /** Law, decision or standard that the codes are taken from. */
  source: nonEmpty.nullable().default(null),
  /** How far the codes were compared with their source: `standard`, `verified`, `seed`... */
  verification: nonEmpty.default('seed'),
  note: nonEmpty.nullable().default(null),
  status: status.default('approved'),
  ...keeping,
  /** An open list allows codes that it does not name, so rule V3 does not judge by it. */
  open: z.boolean().default(false),
  entries: z.array(codeListEntry),
});
export type CodeListDefinition = z.infer<typeof codeListDefinition>;
