import { z } from 'zod';

/** Text that can be kept: PostgreSQL knows neither NUL nor half of a character. */
export const plainText = z
  .string()
  .refine((text) => !text.includes('\u0000') && text.isWellFormed(), { error: 'the text holds NUL or half of a character' });
