import { FindingDraft } from './finding-draft.js';

describe('a finding', () => {
  const draft = () => new FindingDraft('I1', ['data.x', 'view.x']);

  it('is an evaluation where something of every part was judged', () => {
    const both = draft();
    both.count(3, 'data.x');
    both.count(2, 'view.x');
    expect(both.finding()).toMatchObject({ checked: 5, evidence: [] });
  });

  it('is none where nothing of one part was judged, whatever was of the others; what was found counts all the same', () => {
    const one = draft();
    one.count(3, 'data.x');
    one.violate('lost');
    expect(one.finding()).toMatchObject({ checked: 0, evidence: ['nothing was judged of view.x'], violations: [{ message: 'lost' }] });
  });
});
