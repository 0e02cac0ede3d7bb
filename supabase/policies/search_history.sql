-- What a user searched for is nobody else's business. A record is added or removed, never changed.
alter table public.search_history enable row level security;

drop policy if exists "Users read their own searches" on public.search_history;
create policy "Users read their own searches" on public.search_history
  for select to authenticated
  using (user_id = (select auth.uid()));

drop policy if exists "Users record their own searches" on public.search_history;
create policy "Users record their own searches" on public.search_history
  for insert to authenticated
  with check (user_id = (select auth.uid()));

drop policy if exists "Users delete their own searches" on public.search_history;
create policy "Users delete their own searches" on public.search_history
  for delete to authenticated
  using (user_id = (select auth.uid()));
