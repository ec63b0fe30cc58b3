/** What a pattern says that allows nothing but ASCII digits: `^[0-9]{12}$`, `^[0-9]{9,12}$`. */
const form = /^\^\[0-9\]\{([0-9]{1,3})(?:,([0-9]{1,3}))?\}\$$/;

/** The test for such a pattern without an automaton; null for every other pattern. */
export function digitsPattern(pattern: string): ((text: string) => boolean) | null {
  const match = form.exec(pattern);
  if (match === null) return null;
  const min = Number(match[1]);
  const max = match[2] === undefined ? min : Number(match[2]);
  if (max < min) return null;
  return (text) => text.length >= min && text.length <= max && isDigits(text);
}

function isDigits(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 48 || unit > 57) return false;
  }
  return true;
}
