import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createRelease, parseDictionaryFiles } from '@truc/dictionary';
import { codeListFiles, createWorld, type Household, type World } from './index.js';
import { formerProvinces, presentProvinces } from './provinces.js';

const seed = 11;
const world = createWorld({ seed, residents: 5000 });
const households = [...world.households()];
const residents = households.flatMap(({ members }) => members.map(({ resident }) => resident));
const referenceDir = join(import.meta.dirname, '../../../../shared/reference');
const hasReference = existsSync(join(referenceDir, 'administrative-units/communes.csv'));

function digest(one: World): string {
  return JSON.stringify([[...one.households()], one.violations, one.broken, one.division.communesAfter, [...one.division.successors]]);
}

describe('a world', () => {
  it('is the same for the same seed, however often it is read, and another for another', () => {
    expect(digest(createWorld({ seed, residents: 5000 }))).toBe(digest(world));
    expect(digest(world)).toBe(digest(world));
    expect(digest(createWorld({ seed: 12, residents: 5000 }))).not.toBe(digest(world));
  });

  it('has exactly as many residents as it was asked for, in households of three to four', () => {
    expect(residents.length + world.violations.length).toBe(5000);
    expect(residents.length / households.length).toBeGreaterThan(3);
    expect(residents.length / households.length).toBeLessThan(4);
  });

  it('gives everybody a number that says province, sex and year of birth, and to nobody twice', () => {
    // Independent of the code that issues: the 63 codes are counted off from the gaps between 01 and 96.
    const gaps = new Set('03 05 07 09 13 16 18 21 23 28 29 32 39 41 43 47 50 53 55 57 59 61 63 65 69 71 73 76 78 81 85 88 90'.split(' '));
    const codes = Array.from({ length: 96 }, (_, i) => String(i + 1).padStart(2, '0')).filter((code) => !gaps.has(code));
    expect(codes).toHaveLength(63);
    for (const { personalId, birthDate, sex } of residents) {
      expect(personalId).toMatch(/^0[0-9]{11}$/);
      expect(codes).toContain(personalId.slice(1, 3));
      const fourth = Number(personalId[3]);
      expect(1900 + 100 * Math.floor(fourth / 2) + Number(personalId.slice(4, 6))).toBe(Number(birthDate.slice(0, 4)));
      expect(fourth % 2 === 0).toBe(sex === 'male');
    }
    const numbers = [
      ...residents.map(({ personalId }) => personalId),
      ...world.broken.flatMap(({ broken, sound }) => [...new Set([broken.personalId, sound.personalId])]),
    ];
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  it('has parents who exist, are of the right sex and older', () => {
    const byId = new Map(residents.map((resident) => [resident.personalId, resident]));
    let children = 0;
    for (const { fatherId, motherId, birthDate } of residents) {
      for (const [id, sex] of [
        [fatherId, 'male'],
        [motherId, 'female'],
      ] as const) {
        if (id === null) continue;
        children++;
        const parent = byId.get(id);
        expect(parent?.sex).toBe(sex);
        expect(Number(birthDate.slice(0, 4)) - Number(parent?.birthDate.slice(0, 4))).toBeGreaterThanOrEqual(14);
      }
    }
    expect(children).toBeGreaterThan(1000);
  });

  it('keeps a household at one address, in a commune of its province', () => {
    const communes = new Map(world.division.communesBefore.map((commune) => [commune.code, commune]));
    for (const { commune, headId, members } of households) {
      expect(members[0]?.resident.personalId).toBe(headId);
      for (const { resident } of members) {
        expect(resident.commune).toBe(commune);
        expect(resident.province).toBe(communes.get(commune)?.province);
      }
    }
  });

  it('is dated before the merger, and after the births', () => {
    const times = (household: Household) => [household.updatedAt, ...household.members.map(({ resident }) => resident.updatedAt)];
    for (const household of households) for (const time of times(household)) expect(time < '2025-07-01').toBe(true);
    for (const { birthDate, updatedAt } of residents) expect(updatedAt.slice(0, 10) >= birthDate).toBe(true);
  });

  it('has some of everything that is untidy', () => {
    expect(residents.some(({ fullName }) => fullName !== fullName.normalize('NFC'))).toBe(true);
    expect(residents.some(({ fullName }) => fullName.endsWith(' '))).toBe(true);
    expect(residents.some(({ otherNames }) => (otherNames?.length ?? 0) > 1)).toBe(true);
    expect(residents.some(({ lifeStatus }) => lifeStatus === 2)).toBe(true);
    expect(residents.some(({ birthDatePrecision }) => birthDatePrecision === 'Y')).toBe(true);
    expect(new Set(world.violations.map(({ rule }) => rule))).toEqual(new Set(['V1', 'V2', 'V3', 'V4', 'V6']));
  });
});

const divisions: [string, () => World][] = [['invented', () => world]];
if (hasReference) divisions.push(['real', () => createWorld({ seed, residents: 200, referenceDir })]);

describe.each(divisions)('the %s division', (name, make) => {
  const { division } = make();
  const after = new Map(division.communesAfter.map((commune) => [commune.code, commune]));
  const before = new Map(division.communesBefore.map((commune) => [commune.code, commune]));

  it('has provinces whose successors are there', () => {
    expect(formerProvinces).toHaveLength(63);
    expect(presentProvinces).toHaveLength(34);
    for (const { successor } of formerProvinces) expect(presentProvinces.map(({ code }) => code)).toContain(successor);
  });

  it('sends every commune to communes of the province that follows its own', () => {
    const successorOf = new Map(formerProvinces.map(({ code, successor }) => [code, successor]));
    expect(before.size).toBe(division.communesBefore.length);
    expect(after.size).toBe(division.communesAfter.length);
    for (const { code, province } of division.communesBefore) {
      const targets = division.successors.get(code) ?? [];
      expect(targets.length).toBeGreaterThan(0);
      expect(new Set(targets).size).toBe(targets.length);
      for (const target of targets) expect(after.get(target)?.province).toBe(successorOf.get(province));
    }
  });

  it('uses most codes again, many under another name, and splits some communes', () => {
    const reused = division.communesAfter.filter(({ code }) => before.has(code));
    expect(reused.length / after.size).toBeGreaterThan(0.95);
    expect(reused.length).toBeLessThan(after.size);
    expect(reused.filter(({ code, name: now }) => before.get(code)?.name !== now).length).toBeGreaterThan(500);
    expect([...division.successors.values()].filter((targets) => targets.length > 1).length).toBeGreaterThan(100);
    if (name === 'real') expect([after.size, before.size]).toEqual([3321, 10_035]);
    else expect(after.size).toBeGreaterThan(3200);
  });

  it('becomes code lists that know a code by its date', () => {
    const files = codeListFiles(make());
    for (const { text } of files) expect(Buffer.byteLength(text)).toBeLessThan(1024 * 1024);
    const { codeLists } = parseDictionaryFiles(files);
    const release = createRelease({ number: 1, elements: [], valueDomains: [], codeLists });
    const list = release.codeList('urn:vn:ddict:codelist:commune');
    for (const { code } of division.communesBefore) {
      expect(list?.isValid(code, '2025-06-30')).toBe(true);
      expect(list?.isValid(code, '2025-07-01')).toBe(after.has(code));
    }
    for (const { code } of division.communesAfter) expect(list?.isValid(code, '2025-07-01')).toBe(true);
    const provinces = release.codeList('urn:vn:ddict:codelist:province');
    expect([
      provinces?.isValid('74', '2025-06-30'),
      provinces?.isValid('74', '2025-07-01'),
      provinces?.isValid('79', '2025-07-01'),
    ]).toEqual([true, false, true]);
  });
});
