import { oneOf } from '../commands/option-parser.js';

export const reportFormats = ['table', 'json', 'yaml', 'junit', 'sarif'] as const;
export type ReportFormat = (typeof reportFormats)[number];

export const reportFormat = oneOf('-o', reportFormats);
