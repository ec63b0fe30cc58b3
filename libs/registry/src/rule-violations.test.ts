import { ruleViolations } from './registration.js';
import type { BeyondLimits } from './refusal.js';
import { readSchema } from './schema-document.js';
import type { SubjectRules } from './subject-rules.js';
import { a, platform, record, state, topic, violation } from './registration.test-data.js';

describe('ruleViolations', () => {
  it('tells limits that are broken among the rest', () => {
    const text = record(a, { name: 'họ', type: 'string' }, { name: 'tên', type: { type: 'array', items: 'null' } });
    let caught: unknown;
    try {
      readSchema(topic, { text, references: [] }, [], 'vi');
    } catch (error) {
      caught = error;
    }
    const { reading, violations } = caught as BeyondLimits;
    const limits = ['$.fields[1].name', '$.fields[2].name', '$.fields[2].type.items'].map((path) => ({ rule: 'D12', path }));
    expect(violations).toMatchObject(limits);
    expect(violations[0]?.hint).toMatch(/lược đồ tối đa/);
    const asked: unknown[] = [];
    const rules: SubjectRules = {
      judge: (candidate) => {
        asked.push(candidate.reading.limits.length, candidate.language);
        return { violations: [violation], warnings: [] };
      },
      neededBy: () => [],
    };
    const caller = { name: 'lan', agencySlug: 'g02' };
    expect(ruleViolations(state(topic), reading, caller, rules, 'vi')).toMatchObject([{ rule: 'D6' }, violation]);
    expect(asked).toEqual([3, 'vi']);
    for (const [subject, known] of [
      [topic, null],
      ['free-value', rules],
    ] as const) {
      expect(ruleViolations(state(subject), reading, platform, known, 'en')).toMatchObject(limits);
    }
  });

  it('places them in the schema itself where it refers to others', () => {
    const broken = record({ name: 'c', type: 'C' }, { name: 'ø', type: 'int' });
    const c = '{"type":"record","name":"C","fields":[]}';
    expect(() => readSchema('s', { text: broken, references: [{ name: 'C', subject: 'c', version: 1 }] }, [c])).toThrow(
      expect.objectContaining({ violations: [expect.objectContaining({ rule: 'D12', path: '$.fields[1].name' })] }),
    );
  });
});
