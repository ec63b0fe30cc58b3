import type { Language } from '@truc/dictionary';
import { referencesMax, RegistryRefusal } from '@truc/registry';
import { z } from 'zod';

const version = z
  .int()
  .positive()
  .max(2 ** 31 - 1);

/** Body of a registration, a look-up and a compatibility check. Fields of Confluent's that mean nothing here (metadata, ruleSet) are let pass. */
export const schemaBody = z.object({
  schema: z.string(),
  schemaType: z.literal('AVRO').nullish(),
  references: z
    .array(z.object({ name: z.string(), subject: z.string(), version }))
    .max(referencesMax)
    .nullish(),
  id: z
    .int()
    .max(2 ** 31 - 1)
    .nullish(),
  version: z
    .int()
    .max(2 ** 31 - 1)
    .nullish(),
});

/** What a caller asks for, in the shape of the store. An id or version below 1 means none, as with Confluent. */
export function parseSchemaBody(body: unknown) {
  const parsed = schemaBody.safeParse(body);
  if (!parsed.success) {
    throw new RegistryRefusal(
      'invalidSchema',
      `Invalid schema: the body is not {schema, schemaType: AVRO, references}: ${z.prettifyError(parsed.error)}`,
    );
  }
  const { schema, references, id, version: wanted } = parsed.data;
  const given = (number: number | null | undefined): number | null => (typeof number === 'number' && number > 0 ? number : null);
  return { text: schema, references: references ?? [], id: given(id), version: given(wanted) };
}

/** `?deleted=true` and the like. */
export function flag(text: unknown): boolean {
  return text === 'true' || text === '';
}

/** An id in a path. @throws RegistryRefusal schemaNotFound */
export function parseId(text: string): number {
  if (/^[1-9][0-9]{0,9}$/.test(text)) return Number(text);
  throw new RegistryRefusal('schemaNotFound', `Schema ${text.slice(0, 20)} not found`);
}

export function field(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;
}

/** The language that a caller would rather read, by `Accept-Language`; English where neither is named, and where both are as welcome. */
export function speechOf(header: unknown): Language {
  const weights = { vi: 0, en: 0 };
  for (const range of typeof header === 'string' ? header.slice(0, 400).split(',') : []) {
    const [, language, weight = '1'] = /^\s*(vi|en)(?:-[a-z0-9-]+)?\s*(?:;\s*q=([0-9.]+))?\s*$/i.exec(range) ?? [];
    if (language !== undefined) weights[language.toLowerCase() as Language] = Number(weight);
  }
  return weights.vi > weights.en ? 'vi' : 'en';
}
