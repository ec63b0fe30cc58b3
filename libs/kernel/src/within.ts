/** Waits for work that may be given up on: resolves when it ends, however it ends, or after `limitMs` milliseconds. */
export async function withinMs(limitMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, limitMs)));
  await Promise.race([work.catch(() => {}), late]);
  clearTimeout(timer);
}
