/** Control characters, and those that turn the direction of text: what a file holds moves no cursor and hides nothing. */
const unprintable = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;

/** A text out of a file as one line that can be shown on a terminal. */
export function printable(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(unprintable, '\ufffd').toWellFormed();
}
