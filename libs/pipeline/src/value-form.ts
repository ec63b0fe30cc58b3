/** So many characters of a value are told by their form; of the rest, how many there are. */
const charactersMax = 60;
const plain = new Set(' !"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~');

/**
 * The form of a value without the value: a small letter is `x`, a capital one `X`, a digit `9`, a combining mark `◌`. Spaces and ASCII punctuation stay, since faults hide there; what cannot
 * be seen is named (`<u+00a0>`). `1990-13-41` is `9999-99-99`, and two spaces in a name are still two spaces. No letter or digit of the value is left.
 */
export function valueForm(value: string): string {
  let form = '';
  let characters = 0;
  for (const character of value) {
    characters += 1;
    if (characters <= charactersMax) form += formOf(character);
  }
  return characters > charactersMax ? `${form}… (${characters})` : form;
}

function formOf(character: string): string {
  if (plain.has(character)) return character;
  if (/^\p{Lu}$/u.test(character)) return 'X';
  if (/^\p{L}$/u.test(character)) return 'x';
  if (/^\p{N}$/u.test(character)) return '9';
  if (/^\p{M}$/u.test(character)) return '◌';
  if (/^[\p{Z}\p{C}]$/u.test(character)) return `<u+${character.codePointAt(0)!.toString(16).padStart(4, '0')}>`;
  return '¤';
}
