/**
 * Items that are told apart by their owner and counted up by their writers, and beside them what the effects are tried on:
 * each of the ways in which a table changes that nobody has named.
 */
import { OWN_SCHEMA } from '../support/own-schema.ts';

export const USERS = 20;
export const PROCESSES = 2;
/** Of each user, in each process. */
export const TASKS = 2;
/** Items of each task, which nobody else writes. */
export const ITEMS = 2;
export const ITEMS_OF_USER = PROCESSES * TASKS * ITEMS;
export const PAGES = 40;
export const PAGE_ROWS = 10;

/** Whom the effects are tried on. */
export const PROBE = subjectOf(USERS);

export function subjectOf(user: number): string {
  return `00000000-0000-4000-8000-${user.toString(16).padStart(12, '0')}`;
}

export function itemOf(user: number, process: number, task: number, item: number): number {
  return ((user * PROCESSES + process) * TASKS + task) * ITEMS + item;
}

export const userOfItem = (id: number): number => Math.floor(id / ITEMS_OF_USER);
export const processOfItem = (id: number): number => Math.floor(id / (TASKS * ITEMS)) % PROCESSES;

export const SOAK_SQL = `${OWN_SCHEMA}
create table items (id int primary key, owner uuid not null default auth.uid(), version int not null, body text);
create table pages (id int primary key, owner uuid not null, body text not null);
insert into items select i, ('00000000-0000-4000-8000-' || lpad(to_hex(i / ${ITEMS_OF_USER}), 12, '0'))::uuid, 0, 'item'
  from generate_series(0, ${USERS * ITEMS_OF_USER - 1}) i;
insert into pages select i, ('00000000-0000-4000-8000-' || lpad(to_hex(i % ${USERS}), 12, '0'))::uuid,
  repeat(md5(i::text), 40) from generate_series(0, ${USERS * PAGES * PAGE_ROWS - 1}) i;
alter table items enable row level security;
alter table pages enable row level security;
create policy own on items using (owner = (select auth.uid()));
create policy own on pages using (owner = (select auth.uid()));
create view own_items with (security_invoker) as select * from items;
create function my_items() returns setof items stable language sql begin atomic select * from public.items; end;
create function who_am_i() returns text stable language sql begin atomic select auth.uid()::text; end;
create function set_version(item int, to_version int) returns void volatile language sql as
  'update public.items set version = to_version where id = item and version < to_version';
grant all on items, pages, own_items to authenticated, service_role;

create table projects (id int primary key);
create table members (project_id int references projects on delete cascade, user_id uuid);
create table notes (id int primary key, project_id int references projects on delete cascade, is_secret boolean);
alter table notes enable row level security;
create policy members on notes using (exists (
  select from members m where m.project_id = notes.project_id and m.user_id = (select auth.uid())));
create table audited (id int);
create table audit (id int);
create function audit() returns trigger language plpgsql as 'begin insert into audit values (new.id); return null; end';
create trigger audit after insert on audited for each row execute function audit();
create table shed (id int);
create table beats_0 (id int primary key, version int);
create table beats_1 (id int primary key, version int);
insert into beats_0 values (0, 0);
insert into beats_1 values (0, 0);
grant all on projects, members, notes, audited, audit, shed, beats_0, beats_1 to authenticated, service_role;
insert into projects select generate_series(1, 3);
insert into members select i, '${PROBE}' from generate_series(1, 3) i;
insert into notes select i, i % 3 + 1, i % 2 = 0 from generate_series(1, 12) i;
insert into shed values (1), (2);
`;

export const WATCHED = [
  ...['items', 'pages', 'projects', 'members', 'notes', 'audited', 'audit', 'shed'],
  ...['beats_0', 'beats_1'],
] as const;
