/** A schema registry under load, which speaks Confluent's API. */
export interface RegistryContestant {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
  /** What stands before the paths of Confluent's API; empty where nothing does. */
  readonly basePath: string;
  /** Who asks, as lines of a request's head; empty where nobody has to say. */
  readonly credentials: string;
  stop(): Promise<void>;
}

const mediaType = 'application/vnd.schemaregistry.v1+json';

/** The bytes of a request to a contestant. @param body JSON; null where there is none */
export function requestTo(
  { port, basePath, credentials }: RegistryContestant,
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  body: object | null = null,
): Buffer {
  const bytes = body === null ? '' : JSON.stringify(body);
  const type = body === null ? '' : `Content-Type: ${mediaType}\r\nContent-Length: ${Buffer.byteLength(bytes)}\r\n`;
  return Buffer.from(
    `${method} ${basePath}${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAccept: ${mediaType}\r\n${credentials}${type}\r\n${bytes}`,
  );
}
