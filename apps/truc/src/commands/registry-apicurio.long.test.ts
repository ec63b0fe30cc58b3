import { apicurioArchive, RunningApicurio } from '../registry/apicurio.test-data.js';
import { RunningRegistries } from '../registry/running-registries.test-data.js';

const archive = apicurioArchive(process.env);
// Skipped where Apicurio cannot be had: no Java 17, no Maven, or no way to what Maven fetches.
if ('missing' in archive) console.warn(`skipped: ${archive.missing}`);
const itHere = 'folder' in archive ? it : it.skip;
const registries = new RunningRegistries();
let apicurio: RunningApicurio | null = null;

beforeAll(async () => {
  if ('folder' in archive) apicurio = await RunningApicurio.start(archive.folder, process.env);
}, 600_000);
afterAll(async () => {
  await apicurio?.stop();
  await registries.close();
});

const record = (name: string, ...fields: object[]) => ({
  type: 'record',
  name,
  namespace: 'x',
  fields: [{ name: 'a', type: 'string' }, ...fields],
});

describe('truc registry import, of an Apicurio', () => {
  itHere(
    'takes over ids and versions, says what is spelt otherwise and what is kept back',
    async () => {
      const source = apicurio as RunningApicurio;
      const register = (subject: string, schema: object | string, references: object[] = []) =>
        source.done('POST', `/subjects/${subject}/versions`, {
          schema: typeof schema === 'string' ? schema : JSON.stringify(schema),
          references,
        });
      // As people write it, with white space, and with a full name where the namespace says it already (in Person): Apicurio hands it out as it came.
      await register('address', JSON.stringify(record('Address'), null, 2));
      await register('person', record('Person', { name: 'address', type: 'x.Address' }), [
        { name: 'x.Address', subject: 'address', version: 1 },
      ]);
      for (let index = 0; index < 40; index += 1)
        await register(
          'orders-value',
          record('Order', ...new Array(index).fill(0).map((_, at) => ({ name: `f${at}`, type: 'int', default: 0 }))),
        );
      await source.done('DELETE', '/subjects/orders-value/versions/3');
      await register('copy', record('Order'));
      await register('gone', record('Gone'));
      await source.done('DELETE', '/subjects/gone');
      await source.done('PUT', '/config/orders-value', { compatibility: 'FULL' });

      const target = await registries.start();
      const run = () => registries.run('registry', 'import', '--from', source.url, '--to', target.url, '--json');
      const first = await run();
      expect([first.code, first.err]).toEqual([2, '']);
      expect(JSON.parse(first.out)).toMatchObject({
        verdict: 'held',
        versions: { inSource: 43, registered: 43, deletedSoftly: 1, verified: 41, respelled: 2 },
        conflicts: [],
        differences: [],
        held: [{ subject: 'gone', version: 1, id: null, reason: expect.stringContaining('does not hand it out') }],
      });
      // What was framed with its ids decodes with ours.
      for (const subject of ['address', 'person', 'orders-value', 'copy']) {
        const versions = (await source.done('GET', `/subjects/${subject}/versions`)) as number[];
        expect(await target.done('GET', `/subjects/${subject}/versions`)).toEqual(versions);
        for (const version of versions) {
          const there = (await source.done('GET', `/subjects/${subject}/versions/${version}`)) as { id: number; schema: string };
          const here = (await target.done('GET', `/subjects/${subject}/versions/${version}`)) as { id: number; schema: string };
          const inOurSpelling = there.schema.replace('"x.Address"', '"Address"');
          expect([here.id, JSON.parse(here.schema)]).toEqual([there.id, JSON.parse(inOurSpelling)]);
        }
      }
      expect((await target.done('GET', '/config/orders-value')).compatibilityLevel).toBe('FULL');
      // The way back (docs/decisions/0028-moving-a-registry.md): an id that is sent along is not taken.
      const back = { schema: JSON.stringify(record('Back')), id: 5_000, version: 7 };
      expect(((await source.done('POST', '/subjects/back/versions', back)) as { id: number }).id).not.toBe(5_000);
      await source.done('DELETE', '/subjects/back');
      const second = JSON.parse((await run()).out);
      expect(second).toMatchObject({ versions: { present: 43, registered: 0, deletedSoftly: 0, verified: 41, respelled: 2 } });
    },
    300_000,
  );
});
