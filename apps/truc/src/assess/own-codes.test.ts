import { OwnCodes } from './own-codes.js';

const card = { table: 's.card', field: 'owner', element: 'e' };

describe('codes that refer to rows of the same database', () => {
  it('are unmatched where no row has them, whichever table is read first', () => {
    const codes = new OwnCodes(new Map([['personal-id', 's.person']]));
    for (const code of ['001', '002', '002', '003']) codes.refer('personal-id', card, code, `(0,${code})`);
    codes.refer('enterprise-code', card, '9', null);
    codes.keep('personal-id', '001');
    codes.keep('personal-id', '004');
    codes.refer('personal-id', card, '004', null);
    expect(codes.unmatched()).toEqual([{ ...card, home: 's.person', rows: 3, examples: [{ shown: '•••', rows: 2, place: '(0,002)' }] }]);
  });

  it('are said to be unknown where not all rows of their home were read, or there were too many', () => {
    const sampled = new OwnCodes(new Map([['personal-id', 's.person']]));
    sampled.keep('personal-id', '001');
    sampled.leaveOpen('s.person');
    sampled.refer('personal-id', card, '002', null);
    expect(sampled.unmatched()).toEqual([{ ...card, home: 's.person', rows: null, examples: [] }]);

    const many = new OwnCodes(new Map([['personal-id', 's.person']]), 2);
    for (const code of ['001', '002', '003']) many.keep('personal-id', code);
    many.refer('personal-id', card, '001', null);
    expect(many.unmatched()).toMatchObject([{ rows: null }]);
  });
});
