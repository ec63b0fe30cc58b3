import fc from 'fast-check';

/** YAML that somebody means harm with, or that means something else than it says. */
export interface HostileYaml {
  readonly name: string;
  readonly text: string;
}

/** A text of about so many characters. */
function filled(piece: (index: number) => string, chars: number): string {
  const pieces: string[] = [];
  let length = 0;
  for (let index = 0; length < chars; index++) {
    const next = piece(index);
    pieces.push(next);
    length += next.length;
  }
  return pieces.join('');
}

/**
 * Documents that no door takes.
 * @param chars of those that are large; a file may have a megabyte
 */
export function hostileYaml(chars = 1_000_000): readonly HostileYaml[] {
  const large: [string, string][] = [
    ['a map of many names', `agency:\n${filled((index) => `  k${index}: 1\n`, chars)}`],
    ['a map of many names in braces', `agency: {${filled((index) => `k${index}: 1,`, chars)}}`],
    ['a list of many items', `agency: [${filled(() => '1,', chars)}]`],
    ['one name many times', `agency:\n${filled(() => '  k: 1\n', chars)}`],
    ['anchors', `agency:\n${filled((index) => `- &a${index} 1\n`, chars)}`],
    ['aliases', `x: &a 1\nagency:\n${filled(() => '- *a\n', chars)}`],
    ['merge keys', `x: &a {b: 1}\nagency:\n${filled(() => '  <<: *a\n', chars)}`],
    ['tags', `agency:\n${filled(() => '- !t 1\n', chars)}`],
    ['closing brackets', filled(() => ']\n', chars)],
    ['opening brackets', filled(() => '[', chars)],
    ['dashes', filled(() => '- ', chars)],
    ['names in names', filled(() => 'a: ', chars)],
    ['documents', filled(() => '--- 1\n', chars)],
    ['a long text', `agency: "${filled(() => 'x', chars)}"`],
    ['a text of many lines', `agency: |\n${filled(() => '  a\n', chars)}`],
    ['a text without end', `agency: "${filled(() => 'a\n', chars)}`],
    ['NUL', `agency: "${filled(() => '\0', chars)}"`],
    ['digits', `agency: ${filled(() => '9', chars)}`],
    ['tabs', `agency:\n${filled(() => '\t', chars)}x`],
    [
      'aliases of aliases',
      `a: &a [x, x]\n${filled((index) => `b${index}: &b${index} [*${index === 0 ? 'a' : `b${index - 1}`}, *${index === 0 ? 'a' : `b${index - 1}`}]\n`, Math.min(chars, 2_000))}`,
    ],
  ];
  const small: [string, string][] = [
    ['an unknown field', 'agency: {code: G01, nmae: {vi: a, en: a}, name: {vi: a, en: a}}\n'],
    ['a name given twice', 'agency: {code: G01, code: G02, name: {vi: a, en: a}}\n'],
    ['__proto__', 'agency: {code: G01, name: {vi: a, en: a}, __proto__: {code: G02}}\n'],
    ['constructor', 'agency: {code: G01, name: {vi: a, en: a}, constructor: {prototype: {}}}\n'],
    ['an anchor', 'agency: &a {code: G01, name: {vi: a, en: a}}\n'],
    ['a merge key without an alias', 'agency: {code: G01, <<: {name: {vi: a, en: a}}}\n'],
    ['an integer past 2^53', 'dataset: {name: a.b, agency: G01, title: {vi: a, en: a}, partitions: 9007199254740993}\n'],
    ['a number without end', 'dataset: {name: a.b, agency: G01, title: {vi: a, en: a}, partitions: 1e999}\n'],
    ['NUL in text', 'agency: {code: G01, name: {vi: "a\\0", en: a}}\n'],
    ['half a character', 'agency: {code: G01, name: {vi: "\\ud800", en: a}}\n'],
    ['another YAML', '%YAML 1.1\n---\nagency: {code: G01, name: {vi: a, en: a}}\n'],
    ['bytes', 'agency: !!binary R0lGODlhDAAMAIQAAP==\n'],
    ['nothing that is known', 'agencies: []\n'],
  ];
  return [...small, ...large].map(([name, text]) => ({ name, text }));
}

const piece = fc.constantFrom(
  ...[
    'agency',
    'dataset',
    'source',
    'contract',
    'codeList',
    'elements',
    'code: G01',
    'null',
    '1',
    '9007199254740993',
    '.inf',
    '__proto__',
    '<<',
  ],
  ...[
    ':',
    ': ',
    ' ',
    '  ',
    '\n',
    '\r\n',
    '\t',
    '- ',
    '? ',
    '[',
    ']',
    '{',
    '}',
    ',',
    '&a ',
    '*a',
    '!!str ',
    '!x ',
    '|',
    '>',
    '"',
    "'",
    '#',
    '%YAML 1.1\n',
    '---\n',
    '...\n',
  ],
  ...['\u0000', '\ud800', '\ufeff', '\u2028', 'Nguyễn'],
);

/** Texts made of what YAML is made of, of arbitrary characters, and of JSON, which is YAML too. */
export const yamlTexts: fc.Arbitrary<string> = fc.oneof(
  fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join('')),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(...hostileYaml(300)).map(({ text }) => text),
  fc
    .dictionary(fc.constantFrom('agency', 'dataset', 'source', 'contract', 'codeList', 'elements'), fc.json({ maxDepth: 4 }), {
      maxKeys: 2,
    })
    .map((value) =>
      Object.entries(value)
        .map(([key, json]) => `${key}: ${json}`)
        .join('\n'),
    ),
);
