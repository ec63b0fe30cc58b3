const everyMs = 2000;

/** Tells on stderr how many versions were read or written, a line every two seconds. */
export function versionCount(
  errors: NodeJS.WriteStream,
  what: 'read' | 'written',
  now: () => number = () => performance.now(),
): (versions: number) => void {
  let nextAt = now() + everyMs;
  return (versions) => {
    if (now() < nextAt) return;
    nextAt = now() + everyMs;
    errors.write(`${versions.toLocaleString('en')} versions ${what}\n`);
  };
}
