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
-- cdb: end policies/api_keys.sql

-- cdb: begin policies/destinations.sql
do $cdb$
declare
  policy name;
begin
  for policy in select polname from pg_catalog.pg_policy where polrelid = 'public.destinations'::regclass loop
    execute format('drop policy %I on %s', policy, 'public.destinations'::regclass);
  end loop;
end
$cdb$;

-- Public reference data: everyone reads, only the service writes.
alter table public.destinations enable row level security;

drop policy if exists "Everyone reads destinations" on public.destinations;
create policy "Everyone reads destinations" on public.destinations
  for select to anon, authenticated
  using (true);
-- cdb: end policies/destinations.sql

-- cdb: begin policies/profiles.sql
do $cdb$
declare
  policy name;
begin
  for policy in select polname from pg_catalog.pg_policy where polrelid = 'public.profiles'::regclass loop
    execute format('drop policy %I on %s', policy, 'public.profiles'::regclass);
  end loop;
end
$cdb$;

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
-- cdb: end policies/profiles.sql

-- cdb: begin policies/search_history.sql
do $cdb$
declare
  policy name;
begin
  for policy in select polname from pg_catalog.pg_policy where polrelid = 'public.search_history'::regclass loop
    execute format('drop policy %I on %s', policy, 'public.search_history'::regclass);
  end loop;
end
$cdb$;

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
-- cdb: end policies/search_history.sql

-- cdb: begin policies/trip_collaborators.sql
do $cdb$
declare
  policy name;
begin
  for policy in select polname from pg_catalog.pg_policy where polrelid = 'public.trip_collaborators'::regclass loop
    execute format('drop policy %I on %s', policy, 'public.trip_collaborators'::regclass);
  end loop;
end
$cdb$;

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
-- cdb: end policies/trip_collaborators.sql

-- cdb: begin policies/trips.sql
do $cdb$
declare
  policy name;
begin
  for policy in select polname from pg_catalog.pg_policy where polrelid = 'public.trips'::regclass loop
    execute format('drop policy %I on %s', policy, 'public.trips'::regclass);
  end loop;
end
$cdb$;

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
    or id = any (array(select private.editable_trip_ids()))
  );

drop policy if exists "Owners delete their trips" on public.trips;
create policy "Owners delete their trips" on public.trips
  for delete to authenticated
  using (owner_id = (select auth.uid()));
-- cdb: end policies/trips.sql
