/** Values that may be met in few places only, and are recognised in any bytes. */

/** In columns that no mapping names: these may be nowhere but in the source. */
export const unmappedCanary = 'CANARY-UNMAPPED';
/** In columns that the general database has and the subscriber may not have. */
export const privateCanary = 'CANARY-PRIVATE';
export const privateCanaryEmail = 'canary-private@example.vn';
export const privateCanaryPhone = '+84987654321';

const privateWords = [privateCanary, privateCanaryEmail, privateCanaryPhone.slice(1)];

export interface CanaryPlace {
  /** Whether the general database may have what stands there; a subscriber may not. */
  readonly isPrivateAllowed: boolean;
}

/** The canaries that stand in a text and may not. */
export function canariesIn(text: string, { isPrivateAllowed }: CanaryPlace): string[] {
  return [unmappedCanary, ...(isPrivateAllowed ? [] : privateWords)].filter((word) => text.includes(word));
}
