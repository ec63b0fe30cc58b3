/** Languages of what people read. */
export type Language = 'vi' | 'en';

/** A text in both. */
export type Bilingual = Readonly<Record<Language, string>>;

/** A sentence in a language, with `{0}`, `{1}`… filled in; what is not given is left out. */
export function sentence(text: Bilingual, language: Language, values: readonly string[] = []): string {
  return text[language].replaceAll(/\{([0-9])\}/g, (_, index: string) => values[Number(index)] ?? '');
}
