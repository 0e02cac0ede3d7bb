-- The owner of a trip says who shares it; those who share it see each other and may leave.
alter table public.trip_collaborators enable row level security;

drop policy if exists "Members see who shares their trips" on public.trip_collaborators;
create policy "Members see who shares their trips" on public.trip_collaborators
  for select to authenticated
  using (
    user_id = (select auth.uid())
    or trip_id = any (array(select private.owned_trip_ids()))
    or trip_id = any (array(select private.shared_trip_ids()))
  );

drop policy if exists "Owners invite others to their trips" on public.trip_collaborators;
create policy "Owners invite others to their trips" on public.trip_collaborators
  for insert to authenticated
  with check (
    trip_id = any (array(select private.owned_trip_ids()))
    and user_id <> (select auth.uid())
  );

drop policy if exists "Owners change the roles on their trips" on public.trip_collaborators;
create policy "Owners change the roles on their trips" on public.trip_collaborators
  for update to authenticated
  using (trip_id = any (array(select private.owned_trip_ids())))
  with check (trip_id = any (array(select private.owned_trip_ids())));

drop policy if exists "Owners remove collaborators, who may also leave" on public.trip_collaborators;
create policy "Owners remove collaborators, who may also leave" on public.trip_collaborators
  for delete to authenticated
  using (
    user_id = (select auth.uid())
    or trip_id = any (array(select private.owned_trip_ids()))
  );
