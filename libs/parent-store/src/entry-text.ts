import type { ParentEntry } from '@truc/pipeline';

/** As an array: code (absent as false), awaited, pending, formers. */
export function entryText({ code, formers, isAwaited, isPending }: ParentEntry): string {
  return JSON.stringify([code === undefined ? false : code, isAwaited ? 1 : 0, isPending ? 1 : 0, ...formers]);
}

export function textEntry(text: string): ParentEntry {
  const [code, isAwaited, isPending, ...formers] = JSON.parse(text) as [string | null | false, number, number, ...string[]];
  return { code: code === false ? undefined : code, formers, isAwaited: isAwaited === 1, isPending: isPending === 1 };
}
