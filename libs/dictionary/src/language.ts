export type Language = 'vi' | 'en';

export interface Bilingual {
  readonly vi: string;
  readonly en: string;
}
