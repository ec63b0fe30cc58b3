import { isUtf8 } from 'node:buffer';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import { AvroSchemaError, readAvroSchema, schemaLimits, type AvroReading, type AvroSchema } from '@truc/avro';
import { messageOf, TrucError } from '@truc/kernel';
import { JsonPlaces, placeAt, type TextPlace } from './json-places.js';
import { printable } from './printable-text.js';

/** A schema's file that was read, as far as it can be. */
export interface SchemaFile {
  /** As a person would open it from here. */
  readonly path: string;
  readonly reading: AvroReading;
  readonly placeOf: (path: string) => TextPlace;
}

/** A file that holds no Avro schema. Code SCHEMA_FILE_UNREADABLE, SCHEMA_FILE_NOT_UTF8, SCHEMA_FILE_NOT_JSON or SCHEMA_FILE_NOT_AVRO; the message begins with file, line and column. */
export class SchemaFileError extends TrucError {
  constructor(
    code: string,
    readonly path: string,
    readonly place: TextPlace,
    readonly problem: string,
    cause?: unknown,
  ) {
    super(code, printable(`${path}:${place.line}:${place.column}: ${problem}`), { cause });
  }
}

const start: TextPlace = { line: 1, column: 1 };

/** @throws SchemaFileError */
export function readSchemaFile(given: string, workingDirectory: string): SchemaFile {
  const path = shownPath(given, workingDirectory);
  const bytes = firstBytes(resolve(workingDirectory, given), path);
  if (bytes.length < bytes.size) {
    const problem = `the text has ${bytes.size} bytes, the limit is ${schemaLimits.textBytes}`;
    const limit = new AvroSchemaError('AVRO_SCHEMA_LIMIT', '$', problem, { kind: 'textBytes', found: String(bytes.size) });
    return { path, reading: { schema: null, limits: [limit] }, placeOf: () => start };
  }
  const text = utf8Text(bytes.content, path);
  let reading: AvroReading;
  try {
    reading = readAvroSchema(text);
  } catch (error) {
    if (!(error instanceof AvroSchemaError)) throw error;
    const places = new JsonPlaces(text);
    if (places.syntaxError !== null) {
      const what = text.trim() === '' ? 'the file is empty' : 'the file is not JSON from here on';
      throw new SchemaFileError('SCHEMA_FILE_NOT_JSON', path, places.syntaxError, `${what}; an .avsc is an Avro schema in JSON`, error);
    }
    const problem = `the file is JSON, but no Avro schema: at ${error.path} ${error.problem}`;
    throw new SchemaFileError('SCHEMA_FILE_NOT_AVRO', path, places.of(error.path), problem, error);
  }
  let places: JsonPlaces | null = null;
  return { path, reading, placeOf: (at) => (reading.schema === null ? start : (places ??= new JsonPlaces(text)).of(at)) };
}

/** The text of a schema's file, which may use names that other schemas define. */
export interface SchemaText {
  /** As a person would open it from here. */
  readonly path: string;
  readonly text: string;
  readonly placeOf: (path: string) => TextPlace;
}

/** @throws SchemaFileError: it is not JSON, not UTF-8, or longer than a schema may be */
export function readSchemaText(given: string, workingDirectory: string): SchemaText {
  const path = shownPath(given, workingDirectory);
  const { content, length, size } = firstBytes(resolve(workingDirectory, given), path);
  if (length < size) {
    const problem = `the text has ${size} bytes, and a schema has at most ${schemaLimits.textBytes} (rule D12)`;
    throw new SchemaFileError('SCHEMA_FILE_LIMIT', path, start, problem);
  }
  const text = utf8Text(content, path);
  const places = new JsonPlaces(text);
  if (places.syntaxError !== null) {
    const what = text.trim() === '' ? 'the file is empty' : 'the file is not JSON from here on';
    throw new SchemaFileError('SCHEMA_FILE_NOT_JSON', path, places.syntaxError, `${what}; an .avsc is an Avro schema in JSON`);
  }
  return { path, text, placeOf: (at) => places.of(at) };
}

/** The schema of a file that is within the limits. @throws SchemaFileError SCHEMA_FILE_LIMIT */
export function wholeSchema({ path, reading: { schema, limits }, placeOf }: SchemaFile): AvroSchema {
  const [limit] = limits;
  if (schema !== null && limit === undefined) return schema;
  const at = limit?.path ?? '$';
  throw new SchemaFileError(
    'SCHEMA_FILE_LIMIT',
    path,
    placeOf(at),
    `the schema is beyond the limits of rule D12: at ${at} ${limit?.problem ?? ''}`,
  );
}

/** What a schema may have at most, and whether there is more: a file of any size, and a device without end, cost no more than that. */
function firstBytes(file: string, path: string): { readonly content: Buffer; readonly length: number; readonly size: number } {
  const content = Buffer.alloc(schemaLimits.textBytes + 1);
  let descriptor: number | null = null;
  try {
    descriptor = openSync(file, 'r');
    let length = 0;
    for (let read = -1; read !== 0 && length < content.length; length += read) {
      read = readSync(descriptor, content, length, content.length - length, null);
    }
    const kept = Math.min(length, schemaLimits.textBytes);
    const size = length > kept ? Math.max(length, fstatSync(descriptor).size) : kept;
    return { content: content.subarray(0, kept), length: kept, size };
  } catch (cause) {
    const problem = `the file cannot be read: ${reasonOf(cause)}`;
    throw new SchemaFileError('SCHEMA_FILE_UNREADABLE', path, start, problem, cause);
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}

function reasonOf(error: unknown): string {
  switch ((error as { code?: unknown } | null)?.code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EISDIR':
      return 'it is a directory; name an .avsc file';
    case 'EACCES':
    case 'EPERM':
      return 'permission is denied';
    default:
      return messageOf(error);
  }
}

function utf8Text(bytes: Buffer, path: string): string {
  if (isUtf8(bytes)) return bytes.toString('utf8').replace(/^\ufeff/, '');
  const at = firstWrongByte(bytes);
  const before = bytes
    .subarray(0, at)
    .toString('utf8')
    .replace(/^\ufeff/, '');
  const wrong = (bytes[at] ?? 0).toString(16).padStart(2, '0');
  const problem = `the file is not UTF-8: byte ${at + 1} (0x${wrong}) begins no character; save it as UTF-8`;
  throw new SchemaFileError('SCHEMA_FILE_NOT_UTF8', path, placeAt(before, before.length), problem);
}

function firstWrongByte(bytes: Buffer): number {
  for (let at = 0; at < bytes.length;) {
    const lead = bytes[at] ?? 0;
    const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (!isUtf8(bytes.subarray(at, at + length))) return at;
    at += length;
  }
  return bytes.length;
}

export function shownPath(given: string, workingDirectory: string): string {
  const path = relative(workingDirectory, resolve(workingDirectory, given));
  return (path === '' || path.startsWith('..') ? given : path).split(sep).join('/');
}
