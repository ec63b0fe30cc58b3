import { releaseToEntries, topicNames } from '@truc/coordination';
import { createRelease } from '@truc/dictionary';
import { MemoryLog } from '../../pipeline/src/memory-log.test-data.js';
import { BackbonePolicy } from './backbone-policy.js';
import { publishPolicy } from './policy-publish.js';

const label = { vi: 'Giới tính', en: 'Sex' };
const sex = { code: '1', label, validFrom: '2025-01-01', validTo: null, supersededBy: null, parent: null };
const id = 'urn:vn:ddict:codelist:sex';
const domain = {
  id: 'urn:vn:ddict:domain:sex',
  version: '1.0.0',
  label,
  avroType: 'string',
  logicalType: null,
  minLength: 1,
  maxLength: 1,
  precision: null,
  scale: null,
  minimum: null,
  maximum: null,
  pattern: null,
  codeList: id,
  unit: null,
  checkRule: null,
  status: 'approved',
};
const release = createRelease({
  number: 3,
  elements: [],
  valueDomains: [domain],
  codeLists: [{ id, open: false, entries: [sex] }],
});

describe('the policy of the whole backbone', () => {
  it('gives a release of the dictionary out of all that was published of it', async () => {
    const log = new MemoryLog();
    await publishPolicy(log.writer(), topicNames.policyCommon, { set: releaseToEntries(release), remove: [] });
    const policy = new BackbonePolicy({ reader: log.reader(), withAgencies: false, retryMs: 10 });
    const running = policy.run(() => Promise.resolve());
    try {
      await policy.catchUp();
      expect([policy.dictionary(3)?.number, policy.dictionary(3)?.valueDomain(domain.id)?.codeList, policy.dictionary(4)]).toEqual([
        3,
        id,
        null,
      ]);
    } finally {
      await policy.close();
      await running;
    }
  });
});
