import { fileURLToPath } from 'node:url';

/** The root folder of the checkout that this code runs from; the same for sources and for compiled code. */
export const checkoutRoot = fileURLToPath(new URL('../../../', import.meta.url));

/** Tells a person about a step that takes long: one sentence without a full stop. */
export type Progress = (sentence: string) => void;
