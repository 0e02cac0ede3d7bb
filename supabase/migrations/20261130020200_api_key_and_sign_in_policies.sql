-- Written by `cdb policies migration`. The source of truth is supabase/policies.

-- cdb: begin policies/api_keys.sql
do $cdb$
declare
  policy name;
begin
  for policy in select polname from pg_catalog.pg_policy where polrelid = 'public.api_keys'::regclass loop
    execute format('drop policy %I on %s', policy, 'public.api_keys'::regclass);
  end loop;
end
$cdb$;

-- An API key is its user's own. Looking a key up by its hash is the service's business.
alter table public.api_keys enable row level security;

drop policy if exists "Users read their own API keys" on public.api_keys;
create policy "Users read their own API keys" on public.api_keys
  for select to authenticated
  using (user_id = (select auth.uid()));

drop policy if exists "Users create their own API keys" on public.api_keys;
create policy "Users create their own API keys" on public.api_keys
  for insert to authenticated
  with check (user_id = (select auth.uid()));

drop policy if exists "Users change their own API keys" on public.api_keys;
create policy "Users change their own API keys" on public.api_keys
  for update to authenticated
  using (user_id = (select auth.uid()))
  with check (user_id = (select auth.uid()));

drop policy if exists "Users delete their own API keys" on public.api_keys;
create policy "Users delete their own API keys" on public.api_keys
  for delete to authenticated
  using (user_id = (select auth.uid()));

-- Whoever has a key of few scopes that is about to expire must not make one of all scopes that never does.
drop policy if exists "An API key creates no API keys" on public.api_keys;
create policy "An API key creates no API keys" on public.api_keys
  as restrictive for insert to authenticated
  with check ((select auth.jwt()) ->> 'api_key_id' is null);

drop policy if exists "An API key changes no API keys" on public.api_keys;
create policy "An API key changes no API keys" on public.api_keys
  as restrictive for update to authenticated
  using ((select auth.jwt()) ->> 'api_key_id' is null)
  with check ((select auth.jwt()) ->> 'api_key_id' is null);

drop policy if exists "An API key deletes no API keys" on public.api_keys;
create policy "An API key deletes no API keys" on public.api_keys
  as restrictive for delete to authenticated
  using ((select auth.jwt()) ->> 'api_key_id' is null);
-- cdb: end policies/api_keys.sql

-- cdb: begin policies/sign_in_passwords.sql
do $cdb$
declare
  policy name;
begin
  for policy in select polname from pg_catalog.pg_policy where polrelid = 'public.sign_in_passwords'::regclass loop
    execute format('drop policy %I on %s', policy, 'public.sign_in_passwords'::regclass);
  end loop;
end
$cdb$;

-- No policy: the service alone reaches password hashes.
alter table public.sign_in_passwords enable row level security;
-- cdb: end policies/sign_in_passwords.sql

-- cdb: begin policies/sign_in_sessions.sql
do $cdb$
declare
  policy name;
begin
  for policy in select polname from pg_catalog.pg_policy where polrelid = 'public.sign_in_sessions'::regclass loop
    execute format('drop policy %I on %s', policy, 'public.sign_in_sessions'::regclass);
  end loop;
end
$cdb$;

-- No policy: the service alone reaches sessions.
alter table public.sign_in_sessions enable row level security;
-- cdb: end policies/sign_in_sessions.sql
