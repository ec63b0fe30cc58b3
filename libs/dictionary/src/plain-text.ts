/**
 * True for text of which a single look at each character tells that the general tests have nothing against it: characters up to U+02FF and the Vietnamese letters of
 * U+1E00 to U+1EFF, which are composed already and combine with nothing before them; no control character, no space at either end, no two in a row.
 * False says nothing: the general tests are asked.
 */
export function isPlainText(text: string): boolean {
  let wasSpace = true;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit > 0x20 && unit < 0x7f) {
      wasSpace = false;
    } else if (unit === 0x20) {
      if (wasSpace) return false;
      wasSpace = true;
    } else if ((unit > 0xa0 && unit < 0x300) || (unit >= 0x1e00 && unit < 0x1f00)) {
      wasSpace = false;
    } else {
      return false;
    }
  }
  return !wasSpace || text.length === 0;
}
