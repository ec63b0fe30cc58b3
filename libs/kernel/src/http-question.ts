import { readFileSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { z } from 'zod';
import { refusePlainText } from './loopback.js';
import { messageOf, TrucError } from './truc-error.js';

/** Settings of the way to a service of ours, beside its address. */
export const httpLine = {
  /** PEM file of the CA that signed its certificate, where that is one of your own. Read at each request. */
  caFile: z.string().min(1).optional(),
  /** Whoever sets this says that the service is on this machine too, in a network that leads nowhere: http:// is then taken, and a warning says so. */
  onOneMachine: z.boolean().optional(),
};

export interface HttpLine {
  readonly caFile?: string | undefined;
  readonly onOneMachine?: boolean | undefined;
}

export interface HttpQuestion extends HttpLine {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly signal: AbortSignal;
  /** A longer answer is an error. */
  readonly answerBytesMax: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/**
 * A token in plain text is everybody's on the line.
 * @param who to follow "plain text to": `the schema registry` @throws TrucError `<code>_PLAIN_TEXT`
 */
export function refusePlainHttp(url: string, { onOneMachine = false }: HttpLine, who: string, code: string): void {
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:') return;
  refusePlainText(
    { host: hostname, onOneMachine },
    {
      code: `${code}_PLAIN_TEXT`,
      what: who,
      cure: 'Write its address with https:// and, for a CA of your own, name its file as caFile (--ca-file of the command line)',
    },
  );
}

/**
 * One question over HTTP or TLS and its whole answer. A redirect is an answer like another: credentials go where they were sent and nowhere else.
 *
 * Not `fetch`: that takes no CA but those of the whole process.
 * @throws what the socket, TLS or the signal fails with; TrucError HTTP_CA_UNREADABLE
 */
export function httpAnswer(url: string, question: HttpQuestion): Promise<HttpAnswer> {
  const { method, headers, body, signal, caFile, answerBytesMax } = question;
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => reject(signal.aborted ? (signal.reason as Error) : (error as Error));
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const options = { method, headers: { ...headers, ...length }, signal };
    const asked = url.startsWith('https:')
      ? httpsRequest(url, { ...options, minVersion: 'TLSv1.2', ...(caFile === undefined ? {} : { ca: readCa(caFile) }) })
      : httpRequest(url, options);
    asked.on('error', fail);
    asked.on('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('error', fail);
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        chunks.push(chunk);
        if (bytes > answerBytesMax) response.destroy(new Error(`the answer is longer than ${answerBytesMax} bytes`));
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    asked.end(body);
  });
}

function readCa(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new TrucError(
      'HTTP_CA_UNREADABLE',
      `the file ${path} with the CA cannot be read: ${messageOf(cause)}; check the path and its permissions`,
      {
        retry: true,
        cause,
      },
    );
  }
}
