/**
 * An operation's number as a word that may stand in a person's name: it is in the published full name, so that every event tells its operation, and is found in any
 * bytes without understanding them.
 */
const digits = 'abcdefghijklmnop';
const length = 10;
const shape = /Xq[a-p]{10}/g;

/** @param opId below 2^40 */
export function tokenOf(opId: number): string {
  let text = '';
  for (let rest = opId, place = 0; place < length; place += 1) {
    text = digits[rest % 16] + text;
    rest = Math.floor(rest / 16);
  }
  return `Xq${text}`;
}

export function opIdOf(token: string): number {
  let opId = 0;
  for (const letter of token.slice(2)) opId = opId * 16 + digits.indexOf(letter);
  return opId;
}

/** Every operation whose token stands in a text, each once. */
export function opIdsIn(text: string): number[] {
  return [...new Set(text.match(shape) ?? [])].map(opIdOf);
}
