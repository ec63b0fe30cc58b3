/** People by families: a head, perhaps a spouse, children with these parents, perhaps a grandparent. */
import { addDays, dayOf, daysBetween } from './calendar-day.js';
import type { Commune, Division } from './division.js';
import { byName, familyName, givenName, type Sex } from './person-names.js';
import type { PersonalIdIssuer } from './personal-id.js';
import { plainLetters } from './plain-letters.js';
import { seededRandom, type Random } from './random.js';
import type { Address, Household, Resident } from './resident.js';

/** The year of the demo's present. */
const presentYear = 2025;
const firstUpdate = '2015-01-05';

export interface HouseholdPlace {
  readonly commune: Commune;
  readonly index: number;
}

interface Person {
  readonly sex: Sex;
  readonly year: number;
  readonly family: string;
  readonly relation: string;
  readonly maritalStatus: number | null;
  readonly father: string | null;
  readonly mother: string | null;
}

/** Makes household number `index` of a seed, of at most `sizeMax` persons; the same for the same arguments and the same numbers issued before. */
export function makeHousehold(
  seed: number,
  { commune, index }: HouseholdPlace,
  sizeMax: number,
  division: Division,
  issuer: PersonalIdIssuer,
): Household {
  const random = seededRandom(seed, 'household', index);
  const address: Address = addressOf(random, commune);
  const members: { resident: Resident; relation: string }[] = [];
  const add = (person: Person): Resident => {
    const resident = residentOf(random, person, commune, address, division, issuer);
    members.push({ resident, relation: person.relation });
    return resident;
  };
  const none = { father: null, mother: null };
  const headSex: Sex = random.chance(0.74) ? 'male' : 'female';
  const headYear = presentYear - random.between(24, 84);
  const hasSpouse = sizeMax > 1 && random.chance(0.82);
  const head = add({
    sex: headSex,
    year: headYear,
    family: familyName(random),
    relation: '01',
    maritalStatus: hasSpouse ? 2 : random.pick([1, 3, 4]),
    ...none,
  });
  const parents = { father: headSex === 'male' ? head.personalId : null, mother: headSex === 'female' ? head.personalId : null };
  let motherYear = headSex === 'female' ? headYear : null;
  if (hasSpouse) {
    const sex = headSex === 'male' ? 'female' : 'male';
    const year = Math.min(headYear + random.between(-6, 6), presentYear - 20);
    const spouse = add({ sex, year, family: familyName(random), relation: sex === 'female' ? '02' : '03', maritalStatus: 2, ...none });
    if (sex === 'female') [parents.mother, motherYear] = [spouse.personalId, year];
    else parents.father = spouse.personalId;
  }
  const family =
    parents.father === null
      ? head.fullName
      : ([head, members[1]?.resident].find((one) => one?.personalId === parents.father)?.fullName ?? head.fullName);
  const firstBirth = (motherYear ?? headYear) + random.between(20, 33);
  const childrenCount = Math.min(sizeMax - members.length, random.pick([0, 1, 1, 2, 2, 2, 3, 4]));
  for (
    let i = 0, year = firstBirth;
    i < childrenCount && year <= presentYear - 1 && year <= firstBirth + 14;
    i++, year += random.between(1, 5)
  ) {
    const age = presentYear - year;
    const maritalStatus = age < 20 ? 1 : random.pick([1, 1, 2]);
    add({
      sex: random.chance(0.515) ? 'male' : 'female',
      year,
      family: family.split(' ')[0] ?? '',
      relation: '04',
      maritalStatus,
      ...parents,
    });
  }
  if (members.length < sizeMax && headYear > 1957 && random.chance(0.25)) {
    add({
      sex: random.chance(0.3) ? 'male' : 'female',
      year: Math.max(headYear - random.between(21, 34), 1926),
      family: head.fullName.split(' ')[0] ?? '',
      relation: random.chance(0.5) ? '06' : '07',
      maritalStatus: random.pick([2, 4]),
      ...none,
    });
  }
  const registered = addDays('1996-01-01', random.between(0, daysBetween('1996-01-01', '2024-12-31')));
  const registeredAt = `${registered} ${clockText(random)}`;
  const updatedAt = `${addDays(registered < firstUpdate ? firstUpdate : registered, random.between(0, 150))} ${clockText(random)}+07`;
  return {
    householdId: 100_000_000_001 + index,
    headId: head.personalId,
    commune: commune.code,
    registeredAt,
    updatedAt,
    members: relationsOf(members),
  };
}

/** A parent of the head is a father or a mother by sex. */
function relationsOf(members: readonly { resident: Resident; relation: string }[]): Household['members'] {
  return members.map(({ resident, relation }) => ({
    resident,
    relation: relation === '06' || relation === '07' ? (resident.sex === 'male' ? '06' : '07') : relation,
  }));
}

function residentOf(
  random: Random,
  person: Person,
  commune: Commune,
  address: Address,
  division: Division,
  issuer: PersonalIdIssuer,
): Resident {
  const { sex, year } = person;
  const age = presentYear - year;
  const isFromElsewhere = random.chance(0.12);
  const birthProvince = isFromElsewhere ? random.pick(division.provincesBefore).code : commune.province;
  const precision = age > 62 && random.chance(0.14) ? 'Y' : age > 55 && random.chance(0.04) ? 'M' : 'D';
  const month = precision === 'Y' ? 1 : random.between(1, 12);
  const birthDate = dayOf(year, month, precision === 'D' ? random.between(1, 28) : 1);
  const fullName = `${person.family} ${givenName(random, sex)}`;
  const personalId = issuer.issue(birthProvince, sex, year);
  const firstDay = birthDate > firstUpdate ? birthDate : firstUpdate;
  const updatedOn = addDays(firstDay, random.between(0, Math.max(0, daysBetween(firstDay, '2025-05-31'))));
  const isAdult = age >= 18;
  return {
    personalId,
    province: commune.province,
    // Some of the typing pools' machines wrote decomposed letters, and some a space behind.
    fullName: random.chance(0.03) ? fullName.normalize('NFD') : random.chance(0.02) ? `${fullName} ` : fullName,
    otherNames: random.chance(0.04) ? [byName(random), ...(random.chance(0.2) ? [byName(random)] : [])] : null,
    birthDate,
    birthDatePrecision: precision,
    sex,
    ethnicGroup: random.chance(0.85) ? 1 : random.between(2, 54),
    nationality: 'VNM',
    maritalStatus: person.maritalStatus,
    bloodType: random.chance(0.3) ? random.pick(['O', 'A', 'B', 'AB', 'O+', 'A+', 'B+']) : null,
    homeProvince: birthProvince,
    commune: commune.code,
    address: random.chance(0.93) ? address : null,
    fatherId: person.father,
    motherId: person.mother,
    phone: isAdult && random.chance(0.7) ? phoneOf(random) : null,
    email: isAdult && random.chance(0.15) ? emailOf(random, fullName) : null,
    lifeStatus: random.chance(deathShare(age)) ? 2 : random.chance(0.0005) ? 3 : 1,
    updatedAt: `${updatedOn} ${clockText(random)}+07`,
  };
}

function deathShare(age: number): number {
  return age > 90 ? 0.6 : age > 80 ? 0.3 : age > 70 ? 0.1 : age > 60 ? 0.03 : 0.004;
}

export function phoneOf(random: Random): string {
  const number = `${random.pick(['90', '91', '98', '97', '35', '70', '83'])}${String(random.between(0, 9_999_999)).padStart(7, '0')}`;
  return random.chance(0.3) ? `+84${number}` : `0${number}`;
}

export function emailOf(random: Random, fullName: string): string {
  const words = plainLetters(fullName)
    .toLowerCase()
    .split(' ')
    .filter((word) => word !== '');
  return `${words.at(-1) ?? 'a'}.${words[0] ?? 'b'}${random.between(1, 999)}@example.vn`;
}

export function addressOf(random: Random, commune: Commune): Address {
  const isTown = commune.type === 'ward' || commune.type === 'township';
  const to = isTown ? `Tổ ${random.between(1, 40)}` : `Thôn ${random.between(1, 18)}`;
  const street = random.pick(['Trần Phú', 'Lê Lợi', 'Hùng Vương', 'Nguyễn Trãi', 'Hai Bà Trưng', 'Quang Trung', 'Lý Thường Kiệt']);
  const house = `${isTown ? `${random.between(1, 400)} đường ${street}` : `Số ${random.between(1, 300)}`}`;
  if (!random.chance(0.4)) return { so_nha: house, to };
  const coordinate = (minimum: number, maximum: number) => Number((minimum + random.next() * (maximum - minimum)).toFixed(6));
  return { so_nha: house, to, toa_do: [coordinate(8.6, 23.3), coordinate(102.2, 109.4)] };
}

export function clockText(random: Random): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(random.between(7, 16))}:${two(random.between(0, 59))}:${two(random.between(0, 59))}`;
}
