import { dictionaryProblem, dictionarySentences, problemText, type DictionaryFault } from './dictionary-problem-text.js';

const names = (text: string): string[] => [...new Set(text.match(/\{[a-zA-Z]+\}/g) ?? [])].toSorted();

describe('sentences about a dictionary', () => {
  it.each(Object.keys(dictionarySentences) as DictionaryFault[])('%s says the same in both languages', (fault) => {
    const { en, vi } = dictionarySentences[fault];
    expect(names(vi)).toEqual(names(en));
    expect(vi).not.toBe(en);
  });

  it('fill in what they name, by language where it differs', () => {
    const values = { before: 'approved', after: 'proposed', allowed: { en: 'a or b', vi: 'a hoặc b' } };
    const problem = dictionaryProblem('urn:x', 'status-order', values);
    expect(problemText(problem, 'en')).toBe('it is approved and cannot become proposed: only a or b');
    expect(problemText(problem, 'vi')).toBe('mục đang approved và không thể chuyển thành proposed: chỉ được a hoặc b');
    expect(problemText({ where: 'x', what: 'not YAML' }, 'vi')).toBe('not YAML');
  });
});
