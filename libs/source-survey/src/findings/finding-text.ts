import { serverTexts } from './server-texts.js';
import { tableTexts } from './table-texts.js';

/** A sentence in both languages; `{name}` is filled in. */
export interface FindingText {
  readonly en: string;
  readonly vi: string;
}

/** Every sentence that a survey can say, by its stable code. */
export const findingText = { ...serverTexts, ...tableTexts } satisfies Record<string, FindingText>;
export type FindingCode = keyof typeof findingText;
