import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { forbiddenRooms, rooms } from './house.mjs';

const checkout = dirname(dirname(fileURLToPath(import.meta.url)));

describe('the house', () => {
  it('has every room of the tree on its map, each once: one that is missing there would be bound by nothing', () => {
    const found = ['libs', 'apps'].flatMap((kind) =>
      readdirSync(join(checkout, kind))
        .filter((name) => existsSync(join(checkout, kind, name, 'package.json')))
        .map((name) => `${kind}/${name}`),
    );
    expect(rooms.map(({ root }) => root).toSorted()).toEqual(found.toSorted());
  });

  it('lets no adapter import another, and only the command line use tools', () => {
    for (const { name, layer } of rooms) {
      const forbidden = forbiddenRooms(layer, name);
      if (layer === 'adapter')
        expect(forbidden).toEqual(
          expect.arrayContaining(rooms.filter((room) => room.layer === 'adapter' && room.name !== name).map((room) => room.name)),
        );
      if (layer !== 'tool') expect(forbidden.includes('testing')).toBe(name !== 'truc');
    }
  });
});
