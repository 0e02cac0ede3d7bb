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
