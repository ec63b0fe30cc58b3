import { lastDayBefore, mergedOn, provincesOfMerger, type Commune, type CommuneType, type Division } from './division.js';
import { formerProvinces, type FormerProvince } from './provinces.js';
import { seededRandom, type Random } from './random.js';

const communesAfterCount = 3300;

const beginnings =
  'An Bình Cẩm Châu Diên Đại Đông Đồng Gia Hải Hoài Hòa Hoàng Hợp Hưng Khánh Kim Lạc Liên Long Lương Mỹ Nam Nghĩa Nhơn Ninh Phong Phú Phúc Phước Quang Quảng Quỳnh Sơn Tam Tân Tây Thái Thanh Thạnh Thiện Thuận Thượng Tiên Trung Trường Vạn Văn Vân Việt Vĩnh Xuân Yên'.split(
    ' ',
  );
const endings =
  'An Bình Cát Châu Dương Điền Định Giang Hà Hải Hạnh Hậu Hiệp Hòa Hội Hợp Hưng Khê Lâm Lập Lễ Lộc Lợi Long Lương Mai Minh Mỹ Nghĩa Ngọc Nguyên Phong Phú Phúc Phương Quang Quý Sơn Tân Thành Thạnh Thắng Thịnh Thọ Thuận Thủy Tiến Trạch Trị Trung Vinh Xá Xuân Yên'.split(
    ' ',
  );

/** A country of the right size whose communes and merger are invented: for whoever has not got the real lists. The provinces are the real ones. */
export function inventedDivision(seed: number): Division {
  const random = seededRandom(seed, 'division');
  const communesBefore: Commune[] = [];
  const communesAfter: Commune[] = [];
  const successors = new Map<string, readonly string[]>();
  const weightOfAll = formerProvinces.reduce((sum, { weight }) => sum + weight, 0);
  let serial = 1;
  for (const province of formerProvinces) {
    const count = Math.max(12, Math.round((province.weight / weightOfAll) * communesAfterCount));
    const names = namesOf(random, count * 3);
    const here: Commune[] = [];
    for (let i = 0; i < count; i++) {
      const olds = Array.from({ length: sizeOf(random) }, (): Commune => {
        // Codes were given in steps of three, so that new ones could be put between.
        serial += 3;
        return { code: codeOf(serial), name: names.pop() ?? '', type: typeOf(random, province, true), province: province.code };
      });
      const merged = mergedOf(random, olds, province, codeOf(serial + 1));
      communesBefore.push(...olds);
      here.push(merged);
      for (const { code } of olds) successors.set(code, [merged.code]);
    }
    splitSome(random, communesBefore, province, here, successors);
    communesAfter.push(...here);
  }
  return { mergedOn, lastDayBefore, ...provincesOfMerger, communesBefore, communesAfter: byCode(communesAfter), successors };
}

/** How many old communes become one. */
function sizeOf(random: Random): number {
  const draw = random.next();
  if (draw < 0.52) return 1;
  return draw < 0.9 ? 2 : 3;
}

/** The new unit keeps the code of one of its parts and the name of any: so most codes live on, and many of them under another name. */
function mergedOf(random: Random, olds: readonly Commune[], province: FormerProvince, freshCode: string): Commune {
  const isFresh = random.chance(0.002);
  const code = isFresh ? freshCode : random.pick(olds).code;
  const type = isFresh ? 'special-zone' : typeOf(random, province, false);
  return { code, name: random.pick(olds).name, type, province: province.successor };
}

/** One commune in twenty-five went to two new ones. */
function splitSome(
  random: Random,
  before: readonly Commune[],
  province: FormerProvince,
  here: readonly Commune[],
  successors: Map<string, readonly string[]>,
): void {
  for (const { code, province: of } of before) {
    if (of !== province.code || !random.chance(0.04)) continue;
    const [first] = successors.get(code) ?? [];
    const place = here.findIndex((commune) => commune.code === first);
    const neighbour = here[(place + 1) % here.length];
    if (first !== undefined && neighbour !== undefined && neighbour.code !== first) successors.set(code, [first, neighbour.code]);
  }
}

function typeOf(random: Random, { type }: FormerProvince, isBefore: boolean): CommuneType {
  if (random.chance(type === 'municipality' ? 0.5 : 0.16)) return 'ward';
  return isBefore && random.chance(0.06) ? 'township' : 'commune';
}

/** `count` names, none twice in a province. */
function namesOf(random: Random, count: number): string[] {
  const names = new Set<string>();
  while (names.size < count) {
    const [beginning, ending] = [random.pick(beginnings), random.pick(endings)];
    if (beginning === ending) continue;
    const name = `${beginning} ${ending}`;
    names.add(names.has(name) ? `${name} ${random.pick(['Đông', 'Tây', 'Nam', 'Bắc', 'Thượng', 'Hạ'])}` : name);
  }
  return [...names];
}

function codeOf(serial: number): string {
  return String(serial).padStart(5, '0');
}

function byCode(communes: readonly Commune[]): Commune[] {
  return communes.toSorted((a, b) => (a.code < b.code ? -1 : 1));
}
