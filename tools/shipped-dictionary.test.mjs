import { entriesOf, recordedEntries, refusedChanges, shippedEntries } from './shipped-dictionary.mjs';

const sex = { id: 'urn:vn:ddict:codelist:sex', version: '1.0.0', status: 'approved', label: { vi: 'Giới tính', en: 'Sex' }, entries: [] };
const before = entriesOf([{ codeList: sex }]);
const after = (change) => refusedChanges(before, entriesOf([{ codeList: { ...sex, ...change } }]));

describe('the shipped dictionary', () => {
  it('means what was written down, so that stores of before take it as no change or as a new version', () => {
    const now = shippedEntries();
    // Raise the version of what is told of here, then run: node tools/shipped-dictionary.mjs
    expect(refusedChanges(recordedEntries(), now)).toEqual([]);
    expect(recordedEntries()).toEqual(now);
  });

  it('knows another meaning from another way to write it', () => {
    expect(after({})).toEqual([]);
    expect(after({ label: { en: 'Sex', vi: 'Giới tính' }, note: null })).toEqual([]);
    expect(after({ status: 'deprecated', steward: 'G01' })).toEqual([]);
    expect(after({ open: true })).toEqual(['urn:vn:ddict:codelist:sex changed: raise its version above 1.0.0']);
    expect(after({ open: true, version: '1.0.1' })).toEqual([]);
    expect(after({ version: '0.9.0' })).toEqual(['urn:vn:ddict:codelist:sex: its version goes back from 1.0.0 to 0.9.0']);
    expect(refusedChanges(before, {})).toEqual(['urn:vn:ddict:codelist:sex is gone: an entry is retired and never removed']);
    expect(refusedChanges({}, before)).toEqual([]);
  });
});
