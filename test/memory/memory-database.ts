/** What is read: many rows, and few that are huge. All of one user, under row level security. */
export const SUBJECT = '00000000-0000-4000-8000-0000000000aa';

/** @param megabytes - what a select of the table `huge` answers with, in rows of one each */
export function memorySql(rows: number, megabytes: number): string {
  const table = (name: string, columns: string) => `
    create table public.${name} (${columns}, owner uuid not null default '${SUBJECT}');
    alter table public.${name} enable row level security;
    create policy own on public.${name} for select to authenticated using ((select auth.uid()) = owner);
    grant select on public.${name} to authenticated;`;
  return `
    ${table('small', 'id int')}
    insert into public.small (id) values (1);
    ${table('many', 'id int, title text, price numeric, made timestamptz')}
    insert into public.many (id, title, price, made)
      select i, 'number ' || i || ' of many', i / 100.0, timestamptz '2026-01-01 00:00Z' + i * interval '1 second'
      from generate_series(1, ${rows}) i;
    ${table('huge', 'id int, words text')}
    insert into public.huge (id, words) select i, repeat('words ', 166667) from generate_series(1, ${megabytes}) i;
    analyze public.many, public.huge;
  `;
}
