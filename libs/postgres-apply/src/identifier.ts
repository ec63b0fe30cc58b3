/** Any name as PostgreSQL reads it back unchanged: `Tên Cột`, `select`, a quote in a name. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** `"schema"."name"`, both parts always quoted: also the form under which `truc.tables` and `truc.deleted_rows` know a table. */
export function qualifiedName({ schema, name }: { readonly schema: string; readonly name: string }): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

/** PostgreSQL silently cuts a longer name, so that two names could become one. */
const IDENTIFIER_BYTES_MAX = 63;

/** What is wrong with `name` as an identifier of PostgreSQL, or null. */
export function identifierProblem(name: string): string | null {
  if (name === '') return 'is empty';
  if (name.includes('\0')) return 'holds a NUL character';
  if (!name.isWellFormed()) return 'is not valid Unicode';
  const bytes = Buffer.byteLength(name);
  return bytes > IDENTIFIER_BYTES_MAX ? `has ${bytes} bytes; PostgreSQL keeps ${IDENTIFIER_BYTES_MAX}` : null;
}
