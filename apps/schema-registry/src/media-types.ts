/** What is answered, the most wanted first: a caller that takes several gets the first. */
export const answerTypes = ['application/vnd.schemaregistry.v1+json', 'application/vnd.schemaregistry+json', 'application/json'] as const;
export type AnswerType = (typeof answerTypes)[number];

/** Bodies without a name for their type are taken for JSON. */
const bodyTypes: readonly string[] = [...answerTypes, 'application/octet-stream'];

/** The type to answer with, by the `Accept` header; null where the caller takes none of ours. */
export function answerType(accept: string | undefined): AnswerType | null {
  const ranges = (accept ?? '*/*').slice(0, 1_000).split(',').map(range);
  const weighted = answerTypes.map((type) => ({ type, weight: weightOf(type, ranges) }));
  const best = Math.max(...weighted.map(({ weight }) => weight));
  return best > 0 ? (weighted.find(({ weight }) => weight === best)?.type ?? null) : null;
}

/** Whether a body of this `Content-Type` is read. */
export function isBodyType(contentType: string | undefined): boolean {
  return contentType === undefined || bodyTypes.includes(contentType.split(';')[0]?.trim().toLowerCase() ?? '');
}

interface Range {
  readonly type: string;
  readonly weight: number;
}

function range(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const given = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  const weight = given === undefined ? 1 : Number(given);
  return { type, weight: weight >= 0 && weight <= 1 ? weight : 0 };
}

/** The nearest range decides: the type itself, then its kind, then everything. */
function weightOf(type: string, ranges: readonly Range[]): number {
  for (const form of [type, 'application/*', '*/*', '']) {
    const found = ranges.filter((each) => each.type === form);
    if (found.length > 0) return Math.max(...found.map(({ weight }) => weight));
  }
  return 0;
}
