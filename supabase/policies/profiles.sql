-- A profile is its user's own; the people on the same trips may read it.
alter table public.profiles enable row level security;

drop policy if exists "Users read their own profile and those of fellow travellers" on public.profiles;
create policy "Users read their own profile and those of fellow travellers" on public.profiles
  for select to authenticated
  using (
    id = (select auth.uid())
    or id = any (array(select private.fellow_traveller_ids()))
  );

drop policy if exists "Users create their own profile" on public.profiles;
create policy "Users create their own profile" on public.profiles
  for insert to authenticated
  with check (id = (select auth.uid()));

drop policy if exists "Users change their own profile" on public.profiles;
create policy "Users change their own profile" on public.profiles
  for update to authenticated
  using (id = (select auth.uid()))
  with check (id = (select auth.uid()));

drop policy if exists "Users delete their own profile" on public.profiles;
create policy "Users delete their own profile" on public.profiles
  for delete to authenticated
  using (id = (select auth.uid()));
