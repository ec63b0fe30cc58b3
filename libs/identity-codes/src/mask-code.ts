/** A code for display: its last characters at most three and never more than a quarter, the rest as dots. `001099000012` is `•••••••••012`. */
export function maskCode(value: string): string {
  const characters = [...value];
  const shown = Math.min(3, Math.floor(characters.length / 4));
  return '•'.repeat(characters.length - shown) + characters.slice(characters.length - shown).join('');
}
