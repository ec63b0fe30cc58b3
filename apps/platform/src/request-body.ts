import { hasCode, messageOf, parseJsonBytes, TrucError } from '@truc/kernel';
import type { NextFunction, Request, Response } from 'express';
import { z } from 'zod';

/** Parses what came with a request. @throws TrucError PLATFORM_REQUEST_INVALID with every mistake */
export function parseBody<T>(shape: z.ZodType<T>, body: unknown): T {
  const result = shape.safeParse(body ?? {});
  if (!result.success) throw new TrucError('PLATFORM_REQUEST_INVALID', `the request is not understood: ${z.prettifyError(result.error)}`);
  return result.data;
}

/** What a body may hold beside text: 2,000 files have three times as many commas. It is parsed while everybody else waits. */
const limits = { depthMax: 32, commasMax: 20_000 };

/** Makes a body that was read as bytes what its JSON says. */
export function parsedBody(request: Request, _response: Response, next: NextFunction): void {
  const { body } = request as { body: unknown };
  try {
    if (Buffer.isBuffer(body)) request.body = body.length === 0 ? {} : parseJsonBytes(body, limits);
    next();
  } catch (error) {
    next(
      hasCode(error, 'JSON_INVALID')
        ? new TrucError('PLATFORM_REQUEST_INVALID', `the request is not understood: ${messageOf(error)}`)
        : error,
    );
  }
}

/** Text that a database can hold: no NUL, no half characters. */
export const plainText = z
  .string()
  .refine((text) => !text.includes('\0') && text.isWellFormed(), 'the text holds NUL or is not valid Unicode');

/** Sends `head` with `content` beside it, which is JSON already and may be megabytes. */
export function sendJson(response: Response, head: object, content: string): void {
  response
    .status(200)
    .type('json')
    .send(`${JSON.stringify(head).slice(0, -1)},"content":${content}}`);
}

/** Language of the sentences that an answer holds, by `Accept-Language`. */
export function languageOf(header: string | undefined): 'vi' | 'en' {
  return /^vi\b/i.test(header ?? '') ? 'vi' : 'en';
}
