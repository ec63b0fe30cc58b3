import type { World } from '@truc/demo';
import pg from 'pg';

export const residentTable = 'bench.resident';
/** Columns in the order of the table. */
export const residentColumns = [
  'personal_id',
  'full_name',
  'born_on',
  'sex',
  'nationality',
  'home_province',
  'province',
  'commune',
  'address',
  'life_status',
] as const;

/**
 * Ten fields of a resident as an agency would keep them, and a procedure that inserts rows which break no rule: numbers that their sex and year of birth agree with, codes that are in
 * force, names with diacritics. Row `g` is the same every time, and no two have one number.
 */
export const residentDefinition = `
create schema bench;
create table bench.resident (
  personal_id char(12) primary key,
  full_name text not null,
  born_on date not null,
  sex text not null,
  nationality char(3),
  home_province char(2),
  province char(2) not null,
  commune char(5) not null,
  address text,
  life_status smallint not null
);
create table bench.place (n int primary key, commune char(5) not null, province char(2) not null);
create table bench.registration (n int primary key, province char(2) not null);
create procedure bench.load(first bigint, rows bigint, per_transaction bigint) language plpgsql as $$
declare
  places int := (select count(*) from bench.place);
  registrations int := (select count(*) from bench.registration);
  family text[] := array['Nguyễn', 'Trần', 'Lê', 'Phạm', 'Hoàng', 'Phan', 'Vũ', 'Đặng', 'Bùi', 'Đỗ', 'Hồ', 'Ngô'];
  middle text[] := array['Thị Minh', 'Văn', 'Đức', 'Thị Thu', 'Quang', 'Ngọc', 'Hữu', 'Thị Bích', 'Xuân'];
  given text[] := array['Khai', 'Hương', 'Dũng', 'Thảo', 'Tuấn', 'Phượng', 'Nghĩa', 'Hạnh', 'Cường', 'Ánh', 'Bảo'];
  street text[] := array['Lê Văn Lương', 'Nguyễn Trãi', 'Trần Hưng Đạo', 'Điện Biên Phủ', 'Hai Bà Trưng', 'Lý Thường Kiệt', 'Phố Huế'];
  at bigint := first;
begin
  while at < first + rows loop
    insert into bench.resident
    select
      '0' || registration.province || ((year - 1900) / 100 * 2 + female)::text || lpad((year % 100)::text, 2, '0') || lpad(serial::text, 6, '0'),
      family[1 + g % 12] || ' ' || middle[1 + (g / 7) % 9] || ' ' || given[1 + (g / 3) % 11],
      make_date(year, 1 + (g % 12)::int, 1 + (g % 28)::int),
      case female when 1 then 'NU' else 'NAM' end,
      'VNM',
      place.province,
      place.province,
      place.commune,
      'Số ' || (g % 997) || ', ngõ ' || (g % 89) || ' đường ' || street[1 + (g / 5) % 7],
      1
    from (
      select
        g,
        (g % registrations)::int as registered,
        ((g / registrations) % 2)::int as female,
        1950 + ((g / registrations / 2) % 60)::int as year,
        g / registrations / 120 as serial
      from generate_series(at, least(at + per_transaction, first + rows) - 1) as g
    ) as person
    join bench.registration on registration.n = person.registered
    join bench.place on place.n = (g * 7919) % places;
    commit;
    at := at + per_transaction;
  end loop;
end $$;
`;

/** Makes the table in an empty database. @param url of its administrator */
export async function createResidentTable(url: string, { division }: World): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'truc-bench' });
  await client.connect();
  try {
    await client.query(residentDefinition);
    const { communesAfter, provincesBefore } = division;
    await client.query('insert into bench.place select n - 1, c, p from unnest($1::text[], $2::text[]) with ordinality as t(c, p, n)', [
      communesAfter.map(({ code }) => code),
      communesAfter.map(({ province }) => province),
    ]);
    await client.query('insert into bench.registration select n - 1, p from unnest($1::text[]) with ordinality as t(p, n)', [
      provincesBefore.map(({ code }) => code),
    ]);
    await client.query('analyze');
  } finally {
    await client.end();
  }
}
