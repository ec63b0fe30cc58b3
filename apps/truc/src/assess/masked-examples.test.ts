import { offlineRelease } from '../schema/offline-policy.js';
import { MaskedExamples, maskOf } from './masked-examples.js';

describe('examples of values', () => {
  const release = offlineRelease(null, process.cwd(), 'en');
  const element = (name: string): string => `urn:vn:ddict:element:${name}`;

  it.each([
    ['a code of a person by its end', 'person.personal-id', true, '79085000104', '•••••••••04'],
    ['a name by its form', 'person.full-name', false, 'Nguyễn Văn A', 'Xxxxxx Xxx X'],
    ['a day by its form', 'person.date-of-birth', false, '2099-01-01', '9999-99-99'],
    ['a code of a list that tells of persons masked', 'person.ethnic-group', true, '77', '••'],
    ['a code of a list that tells of nobody as it is', 'enterprise.type', true, 'CTNN', 'CTNN'],
    ['what is too long for one, in such a column, masked', 'enterprise.type', true, '001099000012', '•••••••••012'],
    ['words in a column of codes by their form', 'enterprise.type', true, 'ông An', 'xxx Xx'],
    ['words in a column of a person’s code by their form', 'person.personal-id', true, 'không rõ', 'xxxxx xx'],
    ['what no element is known of by its form', 'x.y', false, '0912345678', '9999999999'],
  ])('shows %s', (_what, name, isCode, value, shown) => {
    expect(maskOf(element(name), isCode, release)(value)).toBe(shown);
  });

  it('counts what looks alike together, tells the most frequent, and remembers where the first stood', () => {
    const examples = new MaskedExamples((value) => value.slice(0, 1));
    for (const [index, value] of ['b1', 'a1', 'a2', 'c1', 'd1', 'a3', 'b2'].entries()) examples.take(value, `(0,${index})`);
    examples.take(null, '(0,9)');
    expect(examples.told()).toEqual([
      { shown: 'a', rows: 3, place: '(0,1)' },
      { shown: 'b', rows: 2, place: '(0,0)' },
      { shown: 'c', rows: 1, place: '(0,3)' },
    ]);
  });
});
