import type { LintFinding } from '../../src/ops/lint-finding.ts';

/** A database that is as it should be, in which each fault is made. */
export const SOUND = `
create schema private;
create table public.members (org int not null, person uuid not null, primary key (person, org));
create function private.my_orgs() returns setof int language sql stable security definer set search_path = ''
  as 'select org from public.members where person = (select auth.uid())';
create table public.notes (
  id int primary key, org int not null, owner uuid not null, visibility text not null default 'private',
  parent int references public.notes
);
create index on public.notes (owner);
create index on public.notes (org);
create index on public.notes (parent);
create table public.plain (id int primary key);
alter table public.members enable row level security;
alter table public.notes enable row level security;
alter table public.plain enable row level security;
create policy mine on public.members for select to authenticated using (person = (select auth.uid()));
create policy read on public.notes for select to authenticated
  using (owner = (select auth.uid()) or visibility = 'public' or org = any (array(select private.my_orgs())));
create policy change on public.notes for update to authenticated
  using (owner = (select auth.uid())) with check (owner = (select auth.uid()));
create policy read on public.plain for select to anon, authenticated using (true);
create view public.open_notes with (security_invoker = true) as select id from public.notes;
create function public.add(a int, b int) returns int language sql immutable set search_path = '' as 'select a + b';
`;

export interface Fault {
  readonly what: string;
  readonly sql: string;
  readonly code: LintFinding['code'];
  readonly level: 'info' | 'warning' | 'error';
  readonly object: string;
  readonly policy?: string;
  readonly schemas?: readonly string[];
}

const NOTES = { object: 'public.notes' } as const;
const NEW = { object: 'public.notes', policy: 'new' } as const;
const policy = (rest: string): string => `create policy new on public.notes ${rest};`;
const MINE = 'owner = (select auth.uid())';
const fn = (signature: string, rest: string): string =>
  `create function ${signature} returns void language plpgsql set search_path = '' ${rest};`;

export const FAULTS: readonly Fault[] = [
  {
    what: 'a table without row level security',
    sql: 'create table public.bare (id int primary key);',
    code: 'rls_disabled_in_public',
    level: 'error',
    object: 'public.bare',
  },
  {
    what: 'policies that do nothing',
    sql: 'alter table public.notes disable row level security;',
    code: 'policy_exists_rls_disabled',
    level: 'error',
    ...NOTES,
  },
  {
    what: 'a table without policies',
    sql: 'drop policy read on public.plain;',
    code: 'rls_enabled_no_policy',
    level: 'info',
    object: 'public.plain',
  },
  {
    what: 'a view of its owner',
    sql: 'create view public."All notes" as select id from public.notes;',
    code: 'security_definer_view',
    level: 'error',
    object: 'public."All notes"',
  },
  {
    what: 'a materialized view',
    sql: 'create materialized view public.kept as select id from public.notes;',
    code: 'materialized_view_in_api',
    level: 'error',
    object: 'public.kept',
  },
  {
    what: 'auth.uid() for each row',
    sql: policy('for delete to authenticated using (owner = auth.uid())'),
    code: 'auth_rls_initplan',
    level: 'warning',
    ...NEW,
  },
  {
    what: 'auth.jwt() for each row, of which only another one is wrapped',
    sql: policy(`for delete to authenticated using (${MINE} and (auth.jwt() ->> 'org')::int = org)`),
    code: 'auth_rls_initplan',
    level: 'warning',
    ...NEW,
  },
  {
    what: 'auth.uid() for each row of another table',
    sql: policy(
      'for delete to authenticated using (exists (select from public.members m where m.org = notes.org and m.person = auth.uid()))',
    ),
    code: 'auth_rls_initplan',
    level: 'warning',
    ...NEW,
  },
  {
    what: 'a setting for each row, in the check',
    sql: policy(
      "for insert to authenticated with check (owner::text = current_setting('request.jwt.claim.sub', true))",
    ),
    code: 'auth_rls_initplan',
    level: 'warning',
    ...NEW,
  },
  {
    what: 'two policies of one role and command',
    sql: policy(`for all to authenticated using (${MINE}) with check (${MINE})`),
    code: 'multiple_permissive_policies',
    level: 'warning',
    object: 'public.notes',
    policy: 'new, read',
  },
  {
    what: 'two policies, one of them for everyone',
    sql: policy(`for select using (visibility = 'public')`),
    code: 'multiple_permissive_policies',
    level: 'warning',
    object: 'public.notes',
    policy: 'new, read',
  },
  {
    what: 'a policy for everyone',
    sql: policy(`for delete using (${MINE})`),
    code: 'policy_without_role',
    level: 'warning',
    ...NEW,
  },
  {
    what: 'an update without a check',
    sql: policy(`for update to anon using (${MINE})`),
    code: 'update_without_with_check',
    level: 'warning',
    ...NEW,
  },
  {
    what: 'all commands without a check',
    sql: policy(`for all to anon using (${MINE})`),
    code: 'update_without_with_check',
    level: 'warning',
    ...NEW,
  },
  {
    what: 'an insert of any row',
    sql: policy('for insert to anon with check (true)'),
    code: 'rls_policy_always_true',
    level: 'error',
    ...NEW,
  },
  {
    what: 'a delete of any row, said in another way',
    sql: policy('for delete to anon using (id < 0 or not (1 = 1 and false))'),
    code: 'rls_policy_always_true',
    level: 'error',
    ...NEW,
  },
  {
    what: 'an update to any row',
    sql: policy(`for update to anon using (${MINE}) with check (true)`),
    code: 'rls_policy_always_true',
    level: 'error',
    ...NEW,
  },
  {
    what: 'user_metadata',
    sql: policy("for delete to anon using ((select auth.jwt() -> 'user_metadata' ->> 'admin') = 'yes')"),
    code: 'rls_references_user_metadata',
    level: 'error',
    ...NEW,
  },
  {
    what: 'user_metadata by a path',
    sql: policy("for delete to anon using ((select auth.jwt() #>> '{user_metadata,admin}') = 'yes')"),
    code: 'rls_references_user_metadata',
    level: 'error',
    ...NEW,
  },
  {
    what: 'the metadata of users in their table',
    sql: policy(
      "for delete to anon using (exists (select from auth.users u where u.id = owner and u.raw_user_meta_data ? 'admin'))",
    ),
    code: 'rls_references_user_metadata',
    level: 'error',
    ...NEW,
  },
  {
    what: 'a column of a policy without an index',
    sql: 'drop index public.notes_owner_idx;',
    code: 'unindexed_policy_columns',
    level: 'info',
    object: 'public.notes',
    policy: 'read',
  },
  {
    what: 'a column of a policy with an index of some rows alone',
    sql: "drop index public.notes_org_idx; create index on public.notes (org) where visibility = 'public';",
    code: 'unindexed_policy_columns',
    level: 'info',
    object: 'public.notes',
    policy: 'read',
  },
  {
    what: 'a foreign key without an index',
    sql: 'drop index public.notes_parent_idx;',
    code: 'unindexed_foreign_keys',
    level: 'info',
    ...NOTES,
  },
  {
    what: 'an exposed function of its owner',
    sql: "create function public.orgs() returns setof int language sql stable security definer set search_path = '' as 'select 1';",
    code: 'security_definer_function_executable',
    level: 'warning',
    object: 'public.orgs()',
  },
  {
    what: 'a function of its owner with the path of its caller',
    sql: "create function private.orgs() returns setof int language sql stable security definer as 'select 1';",
    code: 'function_search_path_mutable',
    level: 'error',
    object: 'private.orgs()',
  },
  {
    what: 'a function with the path of its caller',
    sql: "create function public.two() returns int language sql stable as 'select 2';",
    code: 'function_search_path_mutable',
    level: 'info',
    object: 'public.two()',
  },
  {
    what: 'a function that sets the claims',
    sql: fn(
      'public.become(who text)',
      "as $$ begin perform set_config('request.jwt.claims', who, true); end $$",
    ),
    code: 'function_is_way_out',
    level: 'error',
    object: 'public.become(who text)',
  },
  {
    what: 'a function that sets what it is told',
    sql: fn(
      'public.set(name text)',
      'as $$ begin perform pg_catalog."set_config"(name, \'x\', true); end $$',
    ),
    code: 'function_is_way_out',
    level: 'error',
    object: 'public.set(name text)',
  },
  {
    what: 'another name of set_config',
    sql: "create function public.setting(text, text, boolean) returns text language internal as 'set_config_by_name';",
    code: 'function_is_way_out',
    level: 'error',
    object: 'public.setting(text, text, boolean)',
  },
  {
    what: 'a function of standard SQL that sets the claims',
    sql: "create function public.atomic() returns text language sql begin atomic select set_config('request.jwt.claims', '{}', true); end;",
    code: 'function_is_way_out',
    level: 'error',
    object: 'public.atomic()',
  },
  {
    what: 'a function that becomes another role',
    sql: fn('public.climb()', 'as $$ begin if true then set local role service_role; end if; end $$'),
    code: 'function_is_way_out',
    level: 'error',
    object: 'public.climb()',
  },
  {
    what: 'a function with claims of its own',
    sql: fn('public.fixed()', `set "request.jwt.claims" = '{"sub":"a"}' as $$ begin end $$`),
    code: 'function_is_way_out',
    level: 'error',
    object: 'public.fixed()',
  },
  {
    what: 'a function that reaches set_config through others',
    sql: `${fn('private.deep(a text)', 'as $$ begin perform set_config(a, a, true); end $$')} ${fn('private.middle(a text)', 'as $$ begin perform private.deep(a); end $$')} ${fn('public.climb_far(a text)', 'as $$ begin perform private.middle(a); end $$')}`,
    code: 'function_is_way_out',
    level: 'error',
    object: 'public.climb_far(a text)',
  },
  {
    what: 'a function of its owner that runs a text',
    sql: fn('public.run(a text)', 'security definer as $$ begin execute a; end $$'),
    code: 'function_is_way_out',
    level: 'error',
    object: 'public.run(a text)',
  },
  {
    what: 'a function that runs a text by XML',
    sql: "create function public.ask(a text) returns xml language sql set search_path = '' as 'select query_to_xml(a, true, true, '''')';",
    code: 'function_is_way_out',
    level: 'info',
    object: 'public.ask(a text)',
  },
  {
    what: 'pg_catalog among the exposed schemas',
    sql: 'select 1;',
    code: 'function_is_way_out',
    level: 'error',
    object: 'pg_catalog.set_config(text, text, boolean)',
    schemas: ['public', 'pg_catalog'],
  },
];

/** What looks like a fault and is none. */
export const SOUND_CHANGES: readonly (readonly [string, string])[] = [
  [
    'claims within a select of several parts',
    policy(
      "for delete to anon using (org = (select (auth.jwt() ->> 'org')::int) and owner = (select coalesce(auth.uid(), auth.uid())))",
    ),
  ],
  ['a restrictive policy that is always true', policy('as restrictive for insert to anon with check (true)')],
  ['two policies of different roles', policy('for select to anon using (false)')],
  ['a comparison that is never true', policy('for insert to anon with check (1 = 2)')],
  [
    'columns of which one has an index',
    `${policy(`for delete to anon using (${MINE} and visibility = (select auth.role()))`)}`,
  ],
  ['user_metadata as a name', 'alter table public.notes add user_metadata text;'],
  [
    'a function that updates a column named role',
    `create table private.t (role text); ${fn('public.rename()', "as $$ begin update private.t set role = 'x'; end $$")}`,
  ],
  [
    'a setting of its own',
    fn('public.mark()', "as $$ begin perform set_config('app.mark', 'x', true); end $$"),
  ],
  [
    'set_config in a comment and a text',
    fn('public.words()', "as $$ begin -- set_config(\n perform 'set_config('; end $$"),
  ],
  [
    'a way out that callers may not take',
    `${fn('public.quiet()', "as $$ begin perform set_config('role', 'x', true); end $$")} revoke execute on function public.quiet() from public, anon, authenticated;`,
  ],
  [
    'the function of a trigger',
    "create function public.stamp() returns trigger language plpgsql security definer set search_path = '' as $$ begin perform set_config('role', 'x', true); return new; end $$;",
  ],
];
