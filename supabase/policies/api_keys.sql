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
