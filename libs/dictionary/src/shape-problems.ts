import { z } from 'zod';
import type { DictionaryProblem } from './dictionary-error.js';

const vietnamese = z.locales.vi().localeError;

/** What our own shapes say where a library's words would say less. */
const ownSentences: Readonly<Record<string, string>> = {
  'a version is three numbers, as in 1.0.0': 'phiên bản gồm ba số, ví dụ 1.0.0',
  'not a urn:vn:ddict:concept: name': 'không phải tên dạng urn:vn:ddict:concept:',
  'not a urn:vn:ddict:element: name': 'không phải tên dạng urn:vn:ddict:element:',
  'not a urn:vn:ddict:domain: name': 'không phải tên dạng urn:vn:ddict:domain:',
  'not a urn:vn:ddict:codelist: name': 'không phải tên dạng urn:vn:ddict:codelist:',
  'a steward is an agency code as in G12.34': 'cơ quan chủ quản (steward) là mã cơ quan, ví dụ G12.34',
  'not an agency code (G01) or a class of agencies (H*)': 'không phải mã cơ quan (G01) hoặc nhóm cơ quan (H*)',
  'a bound is a decimal number as text': 'giới hạn là số thập phân viết dưới dạng văn bản',
  'a code list has either entries or entriesFrom': 'danh mục mã có entries hoặc entriesFrom, không có cả hai',
};

/** Every departure of a value from its shape, in both languages. @param whereOf the place of what stands at a path @param name of the value itself, where the path is empty */
export function shapeProblems(
  shape: z.ZodType,
  value: unknown,
  whereOf: (path: readonly PropertyKey[]) => string,
  name = '',
): DictionaryProblem[] {
  const { error } = shape.safeParse(value);
  if (error === undefined) return [];
  const inVietnamese = shape.safeParse(value, { error: vietnamese }).error?.issues ?? [];
  return error.issues.map(({ path, message }, index) => {
    const field = path.join('.') || name;
    const said = ownSentences[message] ?? inVietnamese[index]?.message ?? message;
    return { where: whereOf(path), what: `${field}: ${message}`, vi: `${field}: ${said}` };
  });
}
