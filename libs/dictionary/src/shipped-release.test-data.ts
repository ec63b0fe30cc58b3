import { readdirSync, readFileSync } from 'node:fs';
import { createRelease, type DictionaryRelease } from './dictionary-release.js';
import { parseDictionaryFiles, type DictionaryFile } from './dictionary-files.js';
import type { FieldPolicy } from './field-policy.js';
import { canonicalFieldName } from './element-name.js';

const root = new URL('../../../schemas/dictionary/', import.meta.url);

/** The YAML of schemas/dictionary, for tests. */
export const shippedFiles: readonly DictionaryFile[] = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.yaml'))
  .map((path) => ({ path, text: readFileSync(new URL(path, root), 'utf8') }));

/** The shipped release with a few communes of now and before, as a steward would supply them. */
export function testRelease(): DictionaryRelease {
  const supplied = {
    'urn:vn:ddict:codelist:commune':
      'code,full_name,full_name_en,valid_from\n00070,Phường Hoàn Kiếm,Hoan Kiem Ward,2025-07-01\n26732,Đặc khu Côn Đảo,Con Dao,2025-07-01\n',
    'urn:vn:ddict:codelist:commune-pre-2025': 'code,full_name,name_en\n00001,Phường Phúc Xá,Phuc Xa\n00070,Phường Hàng Đào,Hang Dao\n',
  };
  return createRelease({ number: 1, ...parseDictionaryFiles(shippedFiles, supplied) });
}

/** A field of a dataset by its element's short name: `person.full-name`. */
export function field(name: string, more: Partial<FieldPolicy> = {}): FieldPolicy {
  const element = `urn:vn:ddict:element:${name}`;
  return { name: canonicalFieldName(element), element, role: 'source', protection: 'none', required: false, ...more };
}
