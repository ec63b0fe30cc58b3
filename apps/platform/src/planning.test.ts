import type { DocumentFile } from '@truc/coordination';
import { hasCode } from '@truc/kernel';
import { Planning } from './planning.js';

const agency: DocumentFile = { path: 'a.yaml', text: 'agency: {code: G01, name: {vi: a, en: a}}\n' };
const nothing = { documents: [], release: null, open: [], isDictionaryOnly: false, language: 'en' } as const;

describe('planning in a thread', () => {
  let planning: Planning;
  afterEach(() => planning.close());

  it('answers as the function does, one task after the other', async () => {
    planning = new Planning();
    const broken = { ...agency, text: 'agency: {code: 1}' };
    const [good, bad] = await Promise.all([
      planning.run('apply', { ...nothing, files: [agency] }),
      planning.run('apply', { ...nothing, files: [broken] }),
    ]);
    expect(good).toMatchObject({
      plan: { created: ['agency/G01'], save: [{ kind: 'agency', name: 'G01' }], newRelease: null, proposed: null },
    });
    expect(bad).toMatchObject({ problems: expect.arrayContaining([expect.objectContaining({ code: 'DOCUMENT_TYPE_TEXT' })]) as unknown });
  });

  it('tells an error with its code', async () => {
    planning = new Planning();
    const stored = { number: 1, content: '{"elements": 1}' };
    await expect(planning.run('content', stored)).rejects.toMatchObject({ code: 'DICTIONARY_RELEASE_INVALID' });
    await expect(planning.run('content', { number: 1, content: 'no JSON' })).rejects.toThrow(/JSON/);
  });

  it('gives up a task that takes too long, by name, and does the next one', async () => {
    planning = new Planning({ taskMsMax: 1, waitingMax: 32 });
    const slow = { path: 's.yaml', text: `agency: [${'1,'.repeat(400_000)}]` };
    await expect(planning.run('apply', { ...nothing, files: [slow] })).rejects.toMatchObject({ code: 'PLATFORM_DOCUMENTS_TOO_COSTLY' });
    await planning.close();
    planning = new Planning();
    expect(await planning.run('apply', { ...nothing, files: [agency] })).toHaveProperty('plan');
  });

  it('turns away what would wait behind too many', async () => {
    planning = new Planning({ taskMsMax: 60_000, waitingMax: 2 });
    const tasks = [1, 2, 3].map(() => planning.run('apply', { ...nothing, files: [agency] }));
    const settled = await Promise.allSettled(tasks);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(settled.some((one) => one.status === 'rejected' && hasCode(one.reason, 'PLATFORM_NOT_READY'))).toBe(true);
  });
});
