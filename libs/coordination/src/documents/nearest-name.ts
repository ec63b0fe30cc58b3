/** Edit distance of two short names; words longer than 64 characters are not compared. */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}

/** The known name that `name` was most probably meant to be, or null when none is close (a third of its letters, at least two). */
export function nearestName(name: string, known: Iterable<string>): string | null {
  if (name.length > 64) return nearestTail(name, known);
  let best: string | null = null;
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - name.length) >= bestDistance || candidate.length > 64) continue;
    const candidateDistance = distance(name.toLowerCase(), candidate.toLowerCase());
    if (candidateDistance < bestDistance) {
      best = candidate;
      bestDistance = candidateDistance;
    }
  }
  return best;
}

/** Long names differ in their tails (URNs): those that share their first 32 characters are compared by what follows. */
function nearestTail(name: string, known: Iterable<string>): string | null {
  const head = name.slice(0, 32);
  const tails = new Map<string, string>();
  for (const candidate of known) if (candidate.startsWith(head)) tails.set(candidate.slice(32, 96), candidate);
  const tail = name.slice(32);
  if (tail.length > 64) return null;
  const found = nearestName(tail, tails.keys());
  return found === null ? null : (tails.get(found) ?? null);
}
