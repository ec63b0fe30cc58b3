/** Vietnamese without its marks: `Đắk Lắk` is `Dak Lak`. */
export function plainLetters(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{Mn}+/gu, '')
    .replaceAll('đ', 'd')
    .replaceAll('Đ', 'D');
}
