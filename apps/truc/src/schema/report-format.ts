import { UsageError } from '../exit-code.js';

export const reportFormats = ['table', 'json', 'yaml', 'junit', 'sarif'] as const;
export type ReportFormat = (typeof reportFormats)[number];

/** Parser of `-o`. @throws UsageError */
export function reportFormat(text: string): ReportFormat {
  const format = reportFormats.find((known) => known === text.toLowerCase());
  if (format === undefined) throw new UsageError(`-o takes ${reportFormats.join(', ')}, not "${text}"`);
  return format;
}
