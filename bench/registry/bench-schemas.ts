/** Schemas that a registry of a country might hold; each differs from every other one. */

const fields = ['full_name', 'date_of_birth', 'home_province', 'address_detail', 'nationality', 'life_status', 'updated_on', 'note'];

/** A record of a dozen fields, with descriptions as people write them. @param number from 0 on; equal ones give equal texts */
export function schemaText(number: number): string {
  return JSON.stringify({
    type: 'record',
    name: `Record${number}`,
    namespace: `vn.bench.n${number % 100}`,
    doc: `Bản ghi thứ ${number} của cơ sở dữ liệu dùng để đo tốc độ`,
    fields: [
      { name: 'code', type: 'string', doc: 'Mã định danh' },
      ...fields.map((name, place) => ({
        name,
        type: ['null', place % 3 === 2 ? { type: 'int', logicalType: 'date' } : 'string'],
        default: null,
        doc: `Trường ${name} (${place + 1})`,
      })),
      { name: 'amount', type: ['null', { type: 'bytes', logicalType: 'decimal', precision: 18, scale: 2 }], default: null },
      { name: 'tags', type: { type: 'array', items: 'string' }, default: [] },
      { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
    ],
  });
}

export function subjectOf(number: number): string {
  return `bench-${number}-value`;
}

/** The same record under another description: a new version that every rule and every level of compatibility lets pass. */
export function nextVersionOf(schema: string, number: number): string {
  return JSON.stringify({ ...(JSON.parse(schema) as object), doc: `version ${number} of the bench` });
}
