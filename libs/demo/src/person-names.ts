import type { Random } from './random.js';

export type Sex = 'male' | 'female';

/** Family names, the common ones as often as they are met. */
const families: readonly string[] = Object.entries({
  Nguyễn: 38,
  Trần: 11,
  Lê: 9,
  Phạm: 7,
  Hoàng: 3,
  Huỳnh: 3,
  Phan: 4,
  Vũ: 3,
  Võ: 3,
  Đặng: 2,
  Bùi: 2,
  Đỗ: 2,
  Hồ: 2,
  Ngô: 2,
  Dương: 1,
  Lý: 1,
  Đào: 1,
  Đinh: 1,
  Lương: 1,
  Mai: 1,
  Trịnh: 1,
  Hà: 1,
  Tạ: 1,
  Quách: 1,
}).flatMap(([name, share]) => Array<string>(share).fill(name));

const middle: Readonly<Record<Sex, readonly string[]>> = {
  male: ['Văn', 'Văn', 'Văn', 'Hữu', 'Đức', 'Minh', 'Quốc', 'Công', 'Đình', 'Xuân', 'Ngọc', 'Anh', 'Gia', 'Tuấn', 'Thành', 'Duy'],
  female: ['Thị', 'Thị', 'Thị', 'Thị', 'Ngọc', 'Thu', 'Thanh', 'Minh', 'Phương', 'Kim', 'Bảo', 'Khánh', 'Thùy', 'Mỹ', 'Diệu', 'Hồng'],
};

const given: Readonly<Record<Sex, readonly string[]>> = {
  male: 'An Bảo Bình Cường Chiến Dũng Duy Đạt Đức Giang Hải Hiếu Hòa Hoàng Hùng Huy Hưng Khang Khánh Khoa Kiên Lâm Linh Long Lộc Mạnh Minh Nam Nghĩa Nhân Phát Phong Phúc Quân Quang Quý Sơn Tài Tâm Thái Thắng Thành Thịnh Tiến Toàn Trí Trung Tuấn Tùng Việt Vinh'.split(
    ' ',
  ),
  female:
    'An Anh Ánh Bích Châu Chi Diễm Dung Duyên Giang Hà Hạnh Hằng Hiền Hoa Hồng Huệ Hương Huyền Lan Lệ Liên Linh Loan Ly Mai My Nga Ngân Ngọc Nguyệt Nhung Oanh Phương Quyên Tâm Thảo Thoa Thu Thủy Thúy Trang Trinh Tuyết Uyên Vân Vy Xuân Yến'.split(
      ' ',
    ),
};

const byNames = ['Bé Ba', 'Út', 'Cu Tí', 'Hai Lúa', 'Tư', 'Năm Đồng', 'Bà Sáu', 'Ông Bảy', 'Mận', 'Tèo'];

export function familyName(random: Random): string {
  return random.pick(families);
}

/** The name after the family name. */
export function givenName(random: Random, sex: Sex): string {
  return `${random.pick(middle[sex])} ${random.pick(given[sex])}`;
}

/** Another spelling of a name, as a clerk corrects it: another middle name. */
export function correctedName(random: Random, name: string, sex: Sex): string {
  const parts = name.split(' ');
  const [family = ''] = parts;
  const last = parts.at(-1) ?? '';
  const others = middle[sex].filter((one) => one !== parts[1]);
  return `${family} ${random.pick(others)} ${last}`;
}

export function byName(random: Random): string {
  return random.pick(byNames);
}
