/** The provinces before and after 1 July 2025 (Resolution 202/2025/QH15; codes of Decision 124/2004/QD-TTg and Decision 19/2025/QD-TTg). */

export interface Province {
  /** Two digits. */
  readonly code: string;
  readonly name: string;
  readonly type: 'province' | 'municipality';
}

export interface FormerProvince extends Province {
  /** Code of the province it belongs to since the merger. */
  readonly successor: string;
  /** Inhabitants in tens of thousands, roughly: how many of the demo's residents live there. */
  readonly weight: number;
}

const former = `
01 Hà Nội 01 850 TP|02 Hà Giang 08 90|04 Cao Bằng 04 54|06 Bắc Kạn 19 33|08 Tuyên Quang 08 81|10 Lào Cai 15 77|11 Điện Biên 11 63|12 Lai Châu 12 48
14 Sơn La 14 130|15 Yên Bái 15 85|17 Hoà Bình 25 87|19 Thái Nguyên 19 134|20 Lạng Sơn 20 80|22 Quảng Ninh 22 136|24 Bắc Giang 24 189|25 Phú Thọ 25 151
26 Vĩnh Phúc 25 119|27 Bắc Ninh 24 148|30 Hải Dương 31 195|31 Hải Phòng 31 209 TP|33 Hưng Yên 33 129|34 Thái Bình 33 188|35 Hà Nam 37 88|36 Nam Định 37 188
37 Ninh Bình 37 101|38 Thanh Hóa 38 372|40 Nghệ An 40 342|42 Hà Tĩnh 42 132|44 Quảng Bình 44 91|45 Quảng Trị 44 65|46 Huế 46 117 TP|48 Đà Nẵng 48 122 TP
49 Quảng Nam 48 152|51 Quảng Ngãi 51 125|52 Bình Định 52 150|54 Phú Yên 66 88|56 Khánh Hòa 56 126|58 Ninh Thuận 56 60|60 Bình Thuận 68 125|62 Kon Tum 51 59
64 Gia Lai 52 159|66 Đắk Lắk 66 192|67 Đắk Nông 68 67|68 Lâm Đồng 68 133|70 Bình Phước 75 103|72 Tây Ninh 80 119|74 Bình Dương 79 282|75 Đồng Nai 75 331
77 Bà Rịa - Vũng Tàu 79 118|79 Hồ Chí Minh 79 946 TP|80 Long An 80 174|82 Tiền Giang 82 179|83 Bến Tre 86 130|84 Trà Vinh 86 102|86 Vĩnh Long 86 103|87 Đồng Tháp 82 160
89 An Giang 91 191|91 Kiên Giang 91 175|92 Cần Thơ 92 126 TP|93 Hậu Giang 92 73|94 Sóc Trăng 92 121|95 Bạc Liêu 96 92|96 Cà Mau 96 121`;

const present = `
01 Hà Nội TP|04 Cao Bằng|08 Tuyên Quang|11 Điện Biên|12 Lai Châu|14 Sơn La|15 Lào Cai|19 Thái Nguyên|20 Lạng Sơn|22 Quảng Ninh|24 Bắc Ninh|25 Phú Thọ
31 Hải Phòng TP|33 Hưng Yên|37 Ninh Bình|38 Thanh Hóa|40 Nghệ An|42 Hà Tĩnh|44 Quảng Trị|46 Huế TP|48 Đà Nẵng TP|51 Quảng Ngãi|52 Gia Lai|56 Khánh Hòa
66 Đắk Lắk|68 Lâm Đồng|75 Đồng Nai|79 Hồ Chí Minh TP|80 Tây Ninh|82 Đồng Tháp|86 Vĩnh Long|91 An Giang|92 Cần Thơ TP|96 Cà Mau`;

function entries(table: string): string[] {
  return table.trim().split(/[|\n]/);
}

/** The 63 provinces in force until 30 June 2025. Their codes are the first digits of every personal identification number. */
export const formerProvinces: readonly FormerProvince[] = entries(former).map((entry) => {
  const [, code = '', name = '', successor = '', weight, isMunicipality] = /^(\d\d) (.+) (\d\d) (\d+)( TP)?$/.exec(entry) ?? [];
  return { code, name, type: isMunicipality ? 'municipality' : 'province', successor, weight: Number(weight) };
});

/** The 34 provinces in force from 1 July 2025. Eight codes stand for a province of another name than before. */
export const presentProvinces: readonly Province[] = entries(present).map((entry) => {
  const [, code = '', name = '', isMunicipality] = /^(\d\d) (.+?)( TP)?$/.exec(entry) ?? [];
  return { code, name, type: isMunicipality ? 'municipality' : 'province' };
});

export function fullName({ name, type }: Province): string {
  return `${type === 'municipality' ? 'Thành phố' : 'Tỉnh'} ${name}`;
}
