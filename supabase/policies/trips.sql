-- A trip is its owner's. Collaborators see it, editors change it, everyone reads a public one.
--
-- The sets of trips are arrays made once per statement, so that the primary key serves them.
alter table public.trips enable row level security;

drop policy if exists "Everyone reads public trips" on public.trips;
create policy "Everyone reads public trips" on public.trips
  for select to anon
  using (visibility = 'public');

drop policy if exists "Users read their own, shared and public trips" on public.trips;
create policy "Users read their own, shared and public trips" on public.trips
  for select to authenticated
  using (
    owner_id = (select auth.uid())
    or visibility = 'public'
    or id = any (array(select private.shared_trip_ids()))
  );

drop policy if exists "Users create their own trips" on public.trips;
create policy "Users create their own trips" on public.trips
  for insert to authenticated
  with check (owner_id = (select auth.uid()));

drop policy if exists "Owners and editors change a trip" on public.trips;
create policy "Owners and editors change a trip" on public.trips
  for update to authenticated
  using (
    owner_id = (select auth.uid())
    or id = any (array(select private.editable_trip_ids()))
  )
  with check (
    owner_id = (select auth.uid())
    -- Who may see a trip is for its owner to say.
    or (id = any (array(select private.editable_trip_ids())) and visibility = private.visibility_of_trip(id))
  );

drop policy if exists "Owners delete their trips" on public.trips;
create policy "Owners delete their trips" on public.trips
  for delete to authenticated
  using (owner_id = (select auth.uid()));
