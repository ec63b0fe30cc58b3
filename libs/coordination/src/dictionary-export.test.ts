import { contentFiles, createRelease, parseContent, type DictionaryContent } from '@truc/dictionary';
import fc from 'fast-check';
import { dictionary, edited, withDictionary } from './apply.test-data.js';
import { nextRelease, type StoredRelease } from './dictionary-content.js';
import { dictionaryFiles } from './documents/parse-documents.js';
import { ProblemList } from './documents/problem.js';
import { releaseToEntries } from './release-entries.js';

/** What an import of the files makes where there is no dictionary yet. */
function imported(content: DictionaryContent): DictionaryContent {
  const problems = new ProblemList('en');
  const next = nextRelease(dictionaryFiles(contentFiles(content)), null, problems);
  expect(problems.list()).toEqual([]);
  if (next === null) throw new Error('the files are no dictionary');
  return next.content;
}

// Texts as documents may hold them: any well-formed Unicode but NUL.
const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }).filter((some) => some.isWellFormed() && !some.includes('\0'));
const bilingual = fc.record({ vi: text, en: text });
const name = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/);
const day = fc.integer({ min: 0, max: 60_000 }).map((days) => new Date(days * 86_400_000).toISOString().slice(0, 10));
const version = fc.tuple(fc.nat(20), fc.nat(20), fc.nat(20)).map((numbers) => numbers.join('.'));
const status = fc.constantFrom('proposed', 'approved', 'deprecated', 'retired');
const keeping = fc.oneof(
  fc.record({ tier: fc.constant('national'), steward: fc.option(fc.constantFrom('G01', 'G12.34')) }),
  fc.record({ tier: fc.constant('specialised'), steward: fc.constantFrom('G01', 'G12.34') }),
);
const code = text.filter((some) => !/[\u0000-\u001f\u007f-\u009f]/.test(some));
const entry = fc.record({ code, label: fc.option(bilingual), validFrom: day, parent: fc.option(code) });

const content = fc
  .record({
    names: fc.uniqueArray(fc.tuple(name, name), { minLength: 1, maxLength: 6, selector: ([a, b]) => `${a}_${b}` }),
    entries: fc.uniqueArray(entry, { maxLength: 4, selector: ({ code }) => code }),
    manyEntries: fc.boolean(),
    of: fc.array(
      fc.record({
        version,
        status,
        keeping,
        label: bilingual,
        definition: bilingual,
        legalBasis: fc.option(text),
        validTo: fc.option(day),
      }),
      {
        minLength: 6,
        maxLength: 6,
      },
    ),
    source: fc.option(text),
    unit: fc.option(text),
  })
  .map(({ names, entries, manyEntries, of, source, unit }): DictionaryContent => {
    const shared = (index: number) => {
      const { keeping: kept, ...rest } = of[index % of.length]!;
      return { ...rest, ...kept };
    };
    const many = Array.from({ length: manyEntries ? 300 : 0 }, (_, index) => ({
      code: `n${String(index).padStart(4, '0')}`,
      label: { vi: `Mã ${index}`, en: `Code "${index}", with a comma` },
      validFrom: '2025-07-01',
    }));
    const codes = [...(manyEntries ? [] : entries), ...many];
    return parseContent(
      JSON.parse(
        JSON.stringify({
          concepts: names.map(([group, property], index) => {
            const { version: of1, status: of2, tier, steward, label, definition } = shared(index);
            const id = `urn:vn:ddict:concept:${group}.${property}`;
            return { id, version: of1, status: of2, tier, steward, label, definition, property, objectClass: { code: group, ...label } };
          }),
          elements: names.map(([group, property], index) => ({
            ...shared(index),
            id: `urn:vn:ddict:element:${group}.${property}`,
            concept: `urn:vn:ddict:concept:${group}.${property}`,
            valueDomain: 'urn:vn:ddict:domain:text',
            classification: 'personal',
            authoritativeSource: 'G01',
            isMasterKey: false,
            supersededBy: null,
            validFrom: '2025-01-01',
          })),
          valueDomains: [
            {
              ...JSON.parse(JSON.stringify({ ...shared(1), legalBasis: undefined, validTo: undefined })),
              id: 'urn:vn:ddict:domain:text',
              avroType: 'string',
              logicalType: null,
              minLength: null,
              maxLength: 30,
              precision: null,
              scale: null,
              minimum: null,
              maximum: null,
              pattern: null,
              codeList: 'urn:vn:ddict:codelist:codes',
              unit,
              checkRule: null,
            },
          ],
          codeLists: [
            {
              ...JSON.parse(JSON.stringify({ ...shared(2), legalBasis: undefined, validTo: undefined })),
              id: 'urn:vn:ddict:codelist:codes',
              source,
              entries: codes.map((one) => ({ validTo: null, ...one })),
            },
          ],
        }),
      ),
    );
  })
  .map((made) => ({
    ...made,
    concepts: made.concepts.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    elements: made.elements.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  }));

describe('a dictionary that is exported', () => {
  it('is the same release when it is imported again', () => {
    const stored = withDictionary.release as StoredRelease;
    const again = imported(parseContent(stored.content));
    expect(again).toEqual(parseContent(stored.content));
    const released = (some: DictionaryContent) => releaseToEntries(createRelease({ number: 1, ...some }));
    expect(released(again)).toEqual(released(stored.content));
  });

  it('is laid out as people write it', () => {
    const paths = contentFiles(parseContent((withDictionary.release as StoredRelease).content)).map(({ path }) => path);
    const written = dictionary.map(({ path }) => path.slice('dictionary/'.length)).filter((path) => path !== 'check-rules.yaml');
    expect(paths.toSorted()).toEqual(written.toSorted());
  });

  it('is the same whatever it holds', () => {
    fc.assert(
      fc.property(content, (some) => {
        expect(imported(some)).toEqual(some);
      }),
    );
  });

  it('has its long lists beside it, and splits what is too long for one document', () => {
    const stored = parseContent((withDictionary.release as StoredRelease).content);
    const [list] = stored.codeLists;
    const entries = Array.from({ length: 5000 }, (_, index) => ({ ...list!.entries[0]!, code: String(index).padStart(5, '0') }));
    const elements = Array.from({ length: 900 }, (_, index) => ({
      ...stored.elements[0]!,
      id: `urn:vn:ddict:element:person.e${1000 + index}`,
    }));
    const long = { ...stored, elements, codeLists: [{ ...list!, entries }] };
    const files = contentFiles(long);
    expect(files.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['code-lists/administrative-unit-type.csv', 'elements/person-2.yaml']),
    );
    for (const { path, text: yaml } of files) if (path.endsWith('.yaml')) expect(Buffer.byteLength(yaml)).toBeLessThan(1024 * 1024);
    const only = { ...long, valueDomains: [], elements: elements.slice(0, 0) };
    expect(imported(only)).toEqual(only);
  });

  it('keeps what can be changed by hand', () => {
    const [file] = contentFiles(parseContent((withDictionary.release as StoredRelease).content)).filter(({ path }) =>
      path.endsWith('/sex.yaml'),
    );
    const problems = new ProblemList('en');
    const next = nextRelease(
      [edited(edited(file!, 'version: 1.0.0', 'version: 1.1.0'), 'vi: Nam', 'vi: Nam giới')],
      withDictionary.release,
      problems,
    );
    expect(problems.list()).toEqual([]);
    expect(next?.isNew).toBe(true);
  });
});
